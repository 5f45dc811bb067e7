using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Caching;

/// <summary>
/// One shard's part of the cache: the entries and how they are read and written. The shard writes; any thread reads, without locks. A reader
/// copies the response out and then asks whether the entry was still whole: if not, it was a miss.
/// </summary>
internal sealed class CacheSegment : IDisposable
{
    private const ulong FailureHash = 0x5FA1_1ED0_5FA1_1ED1;
    private const ushort NoError = ushort.MaxValue;
    private const uint MaxFailureLifetime = 5;
    private const long FailureMemory = 10 * MonotonicClock.Second;

    private readonly CacheLog _log;
    private long _flushesAsked;
    private long _flushesDone;
    private long _failuresUntil;
    private long _hits;
    private long _misses;
    private long _inserts;
    private long _refused;

    /// <summary>Makes a segment of at most <paramref name="bytes"/> octets in all; <paramref name="maxEntries"/> 0 = no bound of its own.</summary>
    public CacheSegment(long bytes, int maxEntries) => _log = new CacheLog(bytes, maxEntries);

    /// <summary>Whether there may be remembered failures, so that most misses need not look for one. Any thread.</summary>
    public bool HasFailures(long now) => now < Volatile.Read(ref _failuresUntil);

    /// <summary>The counters. Any thread.</summary>
    public CacheStatistics Statistics => new(
        _log.Entries, _log.Bytes, _log.CapacityBytes, _log.NegativeBytes, Volatile.Read(ref _hits), Volatile.Read(ref _misses),
        Volatile.Read(ref _inserts), _log.Evictions, Volatile.Read(ref _refused));

    /// <summary>Counts a query of this segment's shard. The shard only.</summary>
    public void Count(bool isHit) => Increment(ref isHit ? ref _hits : ref _misses);

    /// <summary>Forgets everything: for readers at once, the memory when the shard stores next. Any thread.</summary>
    public void Flush() => Interlocked.Increment(ref _flushesAsked);

    /// <summary>Answers a query, or with <paramref name="failures"/> says that it failed just now. False = a miss. Any thread.</summary>
    public bool TryAnswer(ref QueryContext context, in QuestionKey key, bool failures)
    {
        if (Volatile.Read(ref _flushesAsked) != Volatile.Read(ref _flushesDone))
        {
            return false;
        }

        var flags = KeyFlags(key, failures);
        var hash = HashOf(key, failures);
        var index = _log.Index;
        var place = index.Home(hash);
        for (var probes = index.Length; probes > 0; probes--, place = index.Next(place))
        {
            ref var slot = ref index[place];
            var position = slot.Position;
            if (position == 0)
            {
                return false;
            }

            if (slot.IsFor(hash) && TryRead(position, key, flags, out var header, out var entry))
            {
                if (header.IsExpired(context.Now) || !TryWrite(ref context, position, header, entry))
                {
                    return false;
                }

                if (slot.Mark < CacheSlot.MaxMark)
                {
                    slot.Mark++;
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Stores a response for as long as it may live. The shard only.</summary>
    public void Store(in QuestionKey key, in ScrubbedResponse response, long now)
    {
        ApplyFlush();
        if (HasFailures(now) && Find(key, failures: true) is >= 0 and var failed)
        {
            _log.Remove(failed);
        }

        var header = NewHeader(key, response, KeyFlags(key, failure: false), now);
        Store(key, header, response.Message, response.TtlOffsets, now);
    }

    /// <summary>Remembers for one second that a question failed; for twice as long as before, up to five, when it fails again right after. The shard only.</summary>
    public void StoreFailure(in QuestionKey key, ResponseCode code, ExtendedErrorCode error, long now)
    {
        ApplyFlush();
        var lifetime = 1u;
        if (Find(key, failures: true) is >= 0 and var place)
        {
            var previous = Header(_log.Index[place].Position);
            if (!previous.IsExpired(now))
            {
                return;
            }

            // RFC 9520 section 3.2: back off while the failure persists; a question not asked for a while begins anew.
            lifetime = previous.Age(now) <= FailureMemory ? Math.Min(previous.Lifetime * 2, MaxFailureLifetime) : 1;
        }

        Span<byte> message = stackalloc byte[DnsHeader.Size + WireName.MaxLength + 4];
        message = WriteFailure(key, code, message);
        var response = new ScrubbedResponse { Message = message, Code = code, Error = error, Lifetime = lifetime, IsNegative = true };
        Store(key, NewHeader(key, response, KeyFlags(key, failure: true), now), message, default, now);
        Volatile.Write(ref _failuresUntil, now + FailureMemory);
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private static ulong HashOf(in QuestionKey key, bool failure) => failure ? key.Hash ^ FailureHash : key.Hash;

    private static EntryFlags KeyFlags(in QuestionKey key, bool failure)
        => (key.DnssecOk ? EntryFlags.DnssecOk : 0) | (key.CheckingDisabled ? EntryFlags.CheckingDisabled : 0) | (failure ? EntryFlags.Failure : 0);

    private static void Increment(ref long counter) => Volatile.Write(ref counter, counter + 1);

    private static EntryHeader NewHeader(in QuestionKey key, in ScrubbedResponse response, EntryFlags flags, long now)
    {
        var header = new EntryHeader
        {
            Hash = HashOf(key, (flags & EntryFlags.Failure) != 0),
            StoredAt = EntryHeader.Stamp(now),
            MessageLength = (ushort)response.Message.Length,
            Lifetime = response.Lifetime,
            Partition = key.Partition,
            TtlCount = (ushort)response.TtlOffsets.Length,
            Code = (ushort)response.Code,
            Error = response.Error is ExtendedErrorCode.None ? NoError : (ushort)response.Error,
            NameLength = (byte)key.Name.Length,
            Flags = flags | (response.IsNegative ? EntryFlags.Negative : 0),
        };
        header.Units = (ushort)((header.Length + CacheRing.Unit - 1) / CacheRing.Unit);
        return header;
    }

    private static Span<byte> WriteFailure(in QuestionKey key, ResponseCode code, Span<byte> message)
    {
        new DnsHeader(0, DnsResponses.ResponseFlags(0, code), 1, 0, 0, 0).Write(message);
        var end = DnsHeader.Size + key.Name.Length;
        key.Name.CopyTo(message[DnsHeader.Size..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[end..], (ushort)key.Type);
        BinaryPrimitives.WriteUInt16BigEndian(message[(end + 2)..], (ushort)key.Class);
        return message[..(end + 4)];
    }

    private void ApplyFlush()
    {
        var asked = Volatile.Read(ref _flushesAsked);
        if (asked != _flushesDone)
        {
            _log.Clear();
            Volatile.Write(ref _flushesDone, asked);
        }
    }

    private void Store(in QuestionKey key, in EntryHeader header, ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttlOffsets, long now)
    {
        if (header.Length > _log.MaxEntryBytes)
        {
            Increment(ref _refused);
            return;
        }

        var failure = (header.Flags & EntryFlags.Failure) != 0;
        var before = Find(key, failure);
        var isHot = before >= 0 && (_log.Index[before].Mark > 0 || CacheRing.RingOf(_log.Index[before].Position) == CacheLog.MainRing);
        var entry = _log.Append(header.Hash, header.Length, (header.Flags & EntryFlags.Negative) != 0, isHot, now, out var position);
        MemoryMarshal.Write(entry, header);
        message.CopyTo(entry[EntryHeader.Size..]);
        key.Name.CopyTo(entry[(EntryHeader.Size + DnsHeader.Size)..]);
        MemoryMarshal.AsBytes(ttlOffsets).CopyTo(entry[header.TtlOffsetsStart..]);
        _log.Publish(header, position, Find(key, failure));
        Increment(ref _inserts);
    }

    private int Find(in QuestionKey key, bool failures)
    {
        var hash = HashOf(key, failures);
        var index = _log.Index;
        for (var place = index.Home(hash); index[place].Position is not 0 and var position; place = index.Next(place))
        {
            if (index[place].IsFor(hash) && TryRead(position, key, KeyFlags(key, failures), out _, out _))
            {
                return place;
            }
        }

        return -1;
    }

    private EntryHeader Header(ulong position) => MemoryMarshal.Read<EntryHeader>(_log.RingOf(position).Read(position));

    /// <summary>Reads the entry at a position if it is this key's. Torn entries look like anything: every length is checked.</summary>
    private bool TryRead(ulong position, in QuestionKey key, EntryFlags flags, out EntryHeader header, out ReadOnlySpan<byte> entry)
    {
        entry = _log.RingOf(position).Read(position);
        if (entry.IsEmpty)
        {
            header = default;
            return false;
        }

        header = MemoryMarshal.Read<EntryHeader>(entry);
        var question = EntryHeader.Size + DnsHeader.Size;
        if (header.NameLength != key.Name.Length
            || (header.Flags & EntryFlags.Key) != flags
            || header.Partition != key.Partition
            || header.MessageLength < DnsHeader.Size + header.NameLength + 4
            || header.Length > entry.Length)
        {
            return false;
        }

        var fixedPart = entry.Slice(question + header.NameLength, 4);
        return entry.Slice(question, header.NameLength).SequenceEqual(key.Name)
            && BinaryPrimitives.ReadUInt16BigEndian(fixedPart) == (ushort)key.Type
            && BinaryPrimitives.ReadUInt16BigEndian(fixedPart[2..]) == (ushort)key.Class;
    }

    private bool TryWrite(ref QueryContext context, ulong position, in EntryHeader header, scoped ReadOnlySpan<byte> entry)
    {
        var failure = (header.Flags & EntryFlags.Failure) != 0;
        var code = (ResponseCode)header.Code;
        var error = header.Error == NoError ? ExtendedErrorCode.None : (ExtendedErrorCode)header.Error;
        var length = ResponseWriter.Write(
            entry.Slice(EntryHeader.Size, header.MessageLength),
            MemoryMarshal.Cast<byte, ushort>(entry.Slice(header.TtlOffsetsStart, 2 * header.TtlCount)),
            (uint)(header.Age(context.Now) / MonotonicClock.Second),
            context.Query.Header.Id,
            context.Query.Header.Flags,
            context.Query.Question(context.Message),
            context.Query.HasEdns,
            context.Query.DnssecOk,
            context.MaxResponseSize,
            code,
            failure ? FailureError(error) : error,
            context.Response);
        if (!_log.RingOf(position).IsIntact(position))
        {
            return false;
        }

        context.ResponseLength = length;
        context.ResponseCode = code;
        return true;
    }

    /// <summary>What the upstream's validation found is passed on; for everything else the reason is that we remember it (RFC 8914 section 4.14).</summary>
    private static ExtendedErrorCode FailureError(ExtendedErrorCode error)
        => error is >= ExtendedErrorCode.UnsupportedDnskeyAlgorithm and <= ExtendedErrorCode.NsecMissing
            and not (ExtendedErrorCode.StaleAnswer or ExtendedErrorCode.ForgedAnswer)
            ? error : ExtendedErrorCode.CachedError;
}
