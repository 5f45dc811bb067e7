using System.Buffers.Binary;
using System.Security.Cryptography;
using DnsFlow.Protocol.Rdata;

namespace DnsFlow.Protocol;

/// <summary>
/// Writes the parts of a message and compresses names against those already there (RFC 1035 section 4.1.4). Each suffix is looked up once in a
/// table of fixed size with a bounded number of probes, so the work is linear whatever the names are. Suffixes match octet by octet, so
/// every name keeps its letter case.
/// </summary>
internal ref struct CompressingWriter(Span<byte> destination, Span<uint> table)
{
    /// <summary>How many entries <c>table</c> must have, all zero.</summary>
    public const int TableSize = 1024;

    private const int MaxProbes = 4;
    private const int MaxPointer = 0x3FFF;
    private static readonly ulong s_seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    private readonly Span<byte> _destination = destination;

    // An entry is 16 bits of the suffix's hash and 16 of its offset; no name begins at offset 0, so 0 is free.
    private readonly Span<uint> _table = table;

    /// <summary>How much was written.</summary>
    public int Position { get; private set; }

    /// <summary>Goes back to an earlier position. No name may be written behind it any more: the table knows names that are gone.</summary>
    public void Rewind(int position) => Position = position;

    /// <summary>Writes octets as they are; false when they do not fit.</summary>
    public bool TryWrite(scoped ReadOnlySpan<byte> octets)
    {
        if (!octets.TryCopyTo(_destination[Position..]))
        {
            return false;
        }

        Position += octets.Length;
        return true;
    }

    /// <summary>Writes a 16-bit number.</summary>
    public bool TryWriteUInt16(int number) => TryWrite([(byte)(number >> 8), (byte)number]);

    /// <summary>Writes a question.</summary>
    public bool TryWrite(Question question) =>
        TryWriteName(question.Name.Wire) && TryWriteUInt16((int)question.Type) && TryWriteUInt16((int)question.Class);

    /// <summary>Writes a record.</summary>
    public bool TryWrite(ResourceRecord record)
    {
        if (!TryWriteName(record.Name.Wire) || !TryWriteUInt16((int)record.Type) || !TryWriteUInt16((int)record.Class)
            || !TryWriteUInt16((int)(record.TimeToLive >> 16)) || !TryWriteUInt16((int)(record.TimeToLive & 0xFFFF)))
        {
            return false;
        }

        var start = Position;
        if (!TryWriteUInt16(0) || !TryWriteRdata(record))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_destination[start..], (ushort)(Position - start - 2));
        return true;
    }

    /// <summary>Writes the OPT record.</summary>
    public bool TryWrite(Edns edns, ResponseCode code)
    {
        if (!TryWrite([0, 0, (byte)RecordType.OPT]) || !TryWriteUInt16(edns.UdpPayloadSize)
            || !TryWrite([(byte)((int)code >> 4), edns.Version]) || !TryWriteUInt16(edns.Flags) || !TryWriteUInt16(edns.Options.Sum(option => 4 + option.Data.Length)))
        {
            return false;
        }

        foreach (var option in edns.Options)
        {
            if (!TryWriteUInt16((int)option.Code) || !TryWriteUInt16(option.Data.Length) || !TryWrite(option.Data.Span))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes a name, the longest suffix that is already in the message as a pointer.</summary>
    public bool TryWriteName(scoped ReadOnlySpan<byte> name)
    {
        Span<byte> starts = stackalloc byte[128];
        Span<ulong> hashes = stackalloc ulong[128];
        var labels = HashSuffixes(name, starts, hashes);
        for (var label = 0; label < labels; label++)
        {
            var suffix = name[starts[label]..];
            ref var entry = ref Find(suffix, hashes[label], out var offset);
            if (offset > 0)
            {
                return TryWriteUInt16(0xC000 | offset);
            }

            if (entry == 0 && Position <= MaxPointer)
            {
                entry = Tag(hashes[label]) | (uint)Position;
            }

            if (!TryWrite(suffix[..(suffix[0] + 1)]))
            {
                return false;
            }
        }

        return TryWrite([0]);
    }

    private static uint Tag(ulong hash) => (uint)(hash >> 32) & 0xFFFF0000;

    /// <summary>Hashes every suffix, from the root up, so that each label is looked at once.</summary>
    private static int HashSuffixes(scoped ReadOnlySpan<byte> name, scoped Span<byte> starts, scoped Span<ulong> hashes)
    {
        var labels = 0;
        for (var position = 0; name[position] != 0; position += name[position] + 1)
        {
            starts[labels++] = (byte)position;
        }

        var hash = s_seed;
        for (var label = labels - 1; label >= 0; label--)
        {
            hash = WireName.Hash(name.Slice(starts[label], name[starts[label]] + 1), hash);
            hashes[label] = hash;
        }

        return labels;
    }

    /// <summary>Finds a suffix's offset, else 0 and the entry to put it in (one that is taken when there is no room).</summary>
    private readonly ref uint Find(scoped ReadOnlySpan<byte> suffix, ulong hash, out int offset)
    {
        offset = 0;
        var slot = (int)(hash % TableSize);
        for (var probe = 0; ; probe++, slot = (slot + 1) % TableSize)
        {
            ref var entry = ref _table[slot];
            if (entry == 0 || probe == MaxProbes)
            {
                return ref entry;
            }

            if ((entry & 0xFFFF0000) == Tag(hash) && IsAt((int)(entry & 0xFFFF), suffix))
            {
                offset = (int)(entry & 0xFFFF);
                return ref entry;
            }
        }
    }

    /// <summary>Whether the message has the name at an offset; our own pointers lead backwards, so this ends.</summary>
    private readonly bool IsAt(int offset, scoped ReadOnlySpan<byte> name)
    {
        var message = _destination[..Position];
        while (offset < message.Length)
        {
            int length = message[offset];
            if (length >= 0xC0)
            {
                offset = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) & MaxPointer;
                continue;
            }

            if (length != name[0] || offset + 1 + length > message.Length || !message.Slice(offset + 1, length).SequenceEqual(name.Slice(1, length)))
            {
                return false;
            }

            if (length == 0)
            {
                return true;
            }

            offset += length + 1;
            name = name[(length + 1)..];
        }

        return false;
    }

    private bool TryWriteRdata(ResourceRecord record)
    {
        var rdata = record.Rdata.Span;
        if (RdataLayouts.Find(record.Type, record.Class) is not { IsCompressible: true } layout
            || !RdataText.IsWellFormed(record.Type, record.Class, rdata))
        {
            return TryWrite(rdata);
        }

        var reader = RdataReader.ForRdata(rdata);
        foreach (var field in layout.Fields)
        {
            var start = reader.Position;
            field.TryRead(ref reader);
            var octets = rdata[start..reader.Position];
            if (!(field is NameField { IsCompressible: true } ? TryWriteName(octets) : TryWrite(octets)))
            {
                return false;
            }
        }

        return true;
    }
}
