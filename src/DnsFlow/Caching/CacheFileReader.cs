using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Caching;

/// <summary>Reads a <see cref="CacheFile"/> whose checksum is right. Its lengths and places are not believed for that: somebody else may have written it.</summary>
internal sealed class CacheFileReader(Stream stream, ResponseCache cache, IReadOnlyDictionary<string, uint> partitions, MonotonicClock clock)
{
    private const string Malformed = "it is malformed";

    private readonly byte[] _body = new byte[3 * ushort.MaxValue];
    private readonly byte[] _name = new byte[WireName.MaxLength];
    private readonly Dictionary<uint, uint> _partitions = [];
    private long _left = stream.Length - SHA256.HashSizeInBytes;
    private long _downtime;

    /// <summary>Puts the entries into the cache.</summary>
    public int? Read(out string? problem)
    {
        problem = TryReadHead() ? null : Malformed;
        var count = 0;
        Span<byte> octets = stackalloc byte[SavedEntry.Size];
        while (problem is null && _left > 0)
        {
            if (!TryRead(octets))
            {
                problem = Malformed;
                break;
            }

            var entry = MemoryMarshal.Read<SavedEntry>(octets);
            var body = _body.AsSpan(0, entry.BodyLength);
            if (!TryRead(body) || !IsWellFormed(entry, body))
            {
                problem = Malformed;
                break;
            }

            count += TryStore(entry, body) ? 1 : 0;
        }

        return problem is null ? count : null;
    }

    private bool TryReadHead()
    {
        Span<byte> head = stackalloc byte[CacheFile.HeadSize];
        if (!TryRead(head))
        {
            return false;
        }

        // A clock that went back makes nothing younger than it was.
        _downtime = Math.Max(0, clock.Time.GetUtcNow().ToUnixTimeMilliseconds() - BinaryPrimitives.ReadInt64LittleEndian(head[16..]));
        for (var i = BinaryPrimitives.ReadInt32LittleEndian(head[24..]); i > 0; i--)
        {
            var number = head[..6];
            if (!TryRead(number) || BinaryPrimitives.ReadUInt16LittleEndian(number[4..]) is var length && !TryRead(_body.AsSpan(0, length)))
            {
                return false;
            }

            if (partitions.TryGetValue(Encoding.UTF8.GetString(_body.AsSpan(0, length)), out var now))
            {
                _partitions[BinaryPrimitives.ReadUInt32LittleEndian(number)] = now;
            }
        }

        return true;
    }

    private bool TryRead(Span<byte> octets)
    {
        _left -= octets.Length;
        return _left >= 0 && stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false) == octets.Length;
    }

    private static bool IsWellFormed(in SavedEntry entry, ReadOnlySpan<byte> body)
    {
        var message = body[..entry.MessageLength];
        if (entry.Age < 0 || entry.NameLength == 0 || message.Length < DnsHeader.Size + entry.NameLength + 4
            || WireName.Measure(message, DnsHeader.Size) != entry.NameLength || (entry.Flags & ~(EntryFlags.Key | EntryFlags.Negative)) != 0)
        {
            return false;
        }

        foreach (var offset in MemoryMarshal.Cast<byte, ushort>(body[entry.MessageLength..]))
        {
            if (offset + 4 > message.Length || offset < DnsHeader.Size + entry.NameLength + 4)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The longest TTL may be another one by now.</summary>
    private void HoldTtls(in SavedEntry entry, Span<byte> body)
    {
        foreach (var offset in MemoryMarshal.Cast<byte, ushort>(body[entry.MessageLength..]))
        {
            var field = body.Slice(offset, sizeof(uint));
            BinaryPrimitives.WriteUInt32BigEndian(field, Math.Min(BinaryPrimitives.ReadUInt32BigEndian(field), cache.Limits.Max));
        }
    }

    private bool TryStore(in SavedEntry entry, Span<byte> body)
    {
        var age = entry.Age + _downtime;
        if (!_partitions.TryGetValue(entry.Partition, out var partition) || age > clock.Now / MonotonicClock.Millisecond)
        {
            return false;
        }

        var message = body[..entry.MessageLength];
        var name = message.Slice(DnsHeader.Size, entry.NameLength);
        WireName.ToLower(name, _name);
        var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[(DnsHeader.Size + name.Length)..]);
        var @class = (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(message[(DnsHeader.Size + name.Length + 2)..]);
        var key = new QuestionKey(
            _name.AsSpan(0, name.Length), type, @class, (entry.Flags & EntryFlags.DnssecOk) != 0, (entry.Flags & EntryFlags.CheckingDisabled) != 0, partition, cache.Seed);
        HoldTtls(entry, body);
        var isNegative = (entry.Flags & EntryFlags.Negative) != 0;
        return cache.TryRestore(key, new ScrubbedResponse
        {
            Message = message,
            TtlOffsets = MemoryMarshal.Cast<byte, ushort>(body[entry.MessageLength..]),
            Code = (ResponseCode)entry.Code,
            Lifetime = Math.Min(entry.Lifetime, isNegative ? cache.Limits.NegativeMax : cache.Limits.Max),
            IsNegative = isNegative,
            Error = CacheEntry.ReadError(entry.Error),
        }, clock.Now - (age * MonotonicClock.Millisecond), clock.Now);
    }
}
