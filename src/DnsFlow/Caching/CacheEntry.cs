using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Caching;

/// <summary>How a question and its response become an entry, and how an entry is known to be a question's.</summary>
internal static class CacheEntry
{
    private const ulong FailureHash = 0x5FA1_1ED0_5FA1_1ED1;
    private const ushort NoError = ushort.MaxValue;

    /// <summary>The hash an entry is found by. A failure and a response of the same question are two entries.</summary>
    public static ulong HashOf(in QuestionKey key, bool failure) => failure ? key.Hash ^ FailureHash : key.Hash;

    /// <summary>The flags that belong to the key.</summary>
    public static EntryFlags KeyFlags(in QuestionKey key, bool failure)
        => (key.DnssecOk ? EntryFlags.DnssecOk : 0) | (key.CheckingDisabled ? EntryFlags.CheckingDisabled : 0) | (failure ? EntryFlags.Failure : 0);

    /// <summary>The header of a new entry.</summary>
    public static EntryHeader NewHeader(in QuestionKey key, in ScrubbedResponse response, bool failure, long now)
    {
        var header = new EntryHeader
        {
            Hash = HashOf(key, failure),
            StoredAt = EntryHeader.Stamp(now),
            MessageLength = (ushort)response.Message.Length,
            Lifetime = response.Lifetime,
            Partition = key.Partition,
            TtlCount = (ushort)response.TtlOffsets.Length,
            Code = (ushort)response.Code,
            Error = response.Error is ExtendedErrorCode.None ? NoError : (ushort)response.Error,
            NameLength = (byte)key.Name.Length,
            Flags = KeyFlags(key, failure) | (response.IsNegative ? EntryFlags.Negative : 0),
        };
        header.Units = (ushort)((header.Length + CacheRing.Unit - 1) / CacheRing.Unit);
        return header;
    }

    /// <summary>Writes an entry. Its question is the key's, in lower case.</summary>
    public static void Write(Span<byte> entry, in QuestionKey key, in EntryHeader header, in ScrubbedResponse response)
    {
        MemoryMarshal.Write(entry, header);
        response.Message.CopyTo(entry[EntryHeader.Size..]);
        key.Name.CopyTo(entry[(EntryHeader.Size + DnsHeader.Size)..]);
        MemoryMarshal.AsBytes(response.TtlOffsets).CopyTo(entry[header.TtlOffsetsStart..]);
    }

    /// <summary>Reads an entry's header if the entry is this key's. Torn entries look like anything: every length is checked.</summary>
    public static bool TryRead(ReadOnlySpan<byte> entry, in QuestionKey key, EntryFlags flags, out EntryHeader header)
    {
        if (entry.IsEmpty)
        {
            header = default;
            return false;
        }

        header = MemoryMarshal.Read<EntryHeader>(entry);
        return header.NameLength == key.Name.Length
            && (header.Flags & EntryFlags.Key) == flags
            && header.Partition == key.Partition
            && header.Length <= entry.Length
            && IsQuestion(entry.Slice(EntryHeader.Size, header.MessageLength), key);
    }

    /// <summary>The name of an entry's question. The owner only: an entry that may be torn is for <see cref="TryRead"/>.</summary>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> entry, in EntryHeader header) => entry.Slice(EntryHeader.Size + DnsHeader.Size, header.NameLength);

    /// <summary>The extended error to answer with. Of a failure: what validation found, else that we remember it (RFC 8914 section 4.14).</summary>
    public static ExtendedErrorCode ErrorOf(in EntryHeader header)
    {
        var error = ReadError(header.Error);
        return (header.Flags & EntryFlags.Failure) == 0 || IsValidation(error) ? error : ExtendedErrorCode.CachedError;
    }

    /// <summary>The extended error that an entry has.</summary>
    public static ExtendedErrorCode ReadError(ushort error) => error == NoError ? ExtendedErrorCode.None : (ExtendedErrorCode)error;

    /// <summary>The extended error of a response that is given after its time (RFC 8914 sections 4.4 and 4.20); of one in its time its own.</summary>
    public static ExtendedErrorCode StaleErrorOf(in EntryHeader header, long now) =>
        !header.IsExpired(now) ? ErrorOf(header)
        : (ResponseCode)header.Code == ResponseCode.NXDomain ? ExtendedErrorCode.StaleNXDomainAnswer
        : ExtendedErrorCode.StaleAnswer;

    /// <summary>The TTL of what is given where nothing fresh came; it never makes longer what is still in its time.</summary>
    public static uint StaleTtl(in EntryHeader header, in FreshnessRules rules, long now) =>
        header.IsExpired(now) ? rules.StaleTtl : Math.Min(rules.StaleTtl, header.Lifetime - (uint)(header.Age(now) / MonotonicClock.Second));

    /// <summary>Whether an error says that a validator rejected the data (RFC 8914 sections 4.2 to 4.13).</summary>
    public static bool IsValidation(ExtendedErrorCode error) => error is >= ExtendedErrorCode.UnsupportedDnskeyAlgorithm and <= ExtendedErrorCode.NsecMissing
        and not (ExtendedErrorCode.StaleAnswer or ExtendedErrorCode.ForgedAnswer);

    /// <summary>Writes the message of a failure, header and question, and returns it.</summary>
    public static Span<byte> WriteFailure(in QuestionKey key, ResponseCode code, Span<byte> message)
    {
        new DnsHeader(0, DnsResponses.ResponseFlags(0, code), 1, 0, 0, 0).Write(message);
        var end = DnsHeader.Size + key.Name.Length;
        key.Name.CopyTo(message[DnsHeader.Size..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[end..], (ushort)key.Type);
        BinaryPrimitives.WriteUInt16BigEndian(message[(end + 2)..], (ushort)key.Class);
        return message[..(end + 4)];
    }

    private static bool IsQuestion(ReadOnlySpan<byte> message, in QuestionKey key)
    {
        var end = DnsHeader.Size + key.Name.Length;
        return message.Length >= end + 4
            && message[DnsHeader.Size..end].SequenceEqual(key.Name)
            && BinaryPrimitives.ReadUInt16BigEndian(message[end..]) == (ushort)key.Type
            && BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]) == (ushort)key.Class;
    }
}
