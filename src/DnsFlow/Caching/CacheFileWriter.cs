using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DnsFlow.Limits;

namespace DnsFlow.Caching;

/// <summary>Writes a <see cref="CacheFile"/>. Failures are not written, nor what may not be given any more or belongs to no partition that is told of.</summary>
internal sealed class CacheFileWriter : ICacheVisitor, IDisposable
{
    private readonly Stream _stream;
    private readonly IReadOnlyDictionary<uint, string> _partitions;
    private readonly FreshnessRules _freshness;
    private readonly long _now;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[SavedEntry.Size + (2 * ushort.MaxValue)];
    private int _count;

    /// <summary>Writes everything before the entries.</summary>
    public CacheFileWriter(Stream stream, IReadOnlyDictionary<uint, string> partitions, in FreshnessRules freshness, MonotonicClock clock)
    {
        (_stream, _partitions, _freshness, _now) = (stream, partitions, freshness, clock.Now);
        Span<byte> head = stackalloc byte[CacheFile.HeadSize];
        CacheFile.Mark.CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], clock.Time.GetUtcNow().ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32LittleEndian(head[24..], partitions.Count);
        Write(head);
        foreach (var (partition, identity) in partitions)
        {
            WritePartition(partition, identity);
        }
    }

    /// <inheritdoc/>
    public void Visit(in EntryHeader header, ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttlOffsets)
    {
        if (!_freshness.MayGive(header, _now) || !_partitions.ContainsKey(header.Partition))
        {
            return;
        }

        var entry = new SavedEntry
        {
            Age = header.Age(_now) / MonotonicClock.Millisecond,
            Lifetime = header.Lifetime,
            Partition = header.Partition,
            MessageLength = (ushort)message.Length,
            TtlCount = (ushort)ttlOffsets.Length,
            Code = header.Code,
            Error = header.Error,
            NameLength = header.NameLength,
            Flags = header.Flags,
        };
        MemoryMarshal.Write(_buffer, entry);
        message.CopyTo(_buffer.AsSpan(SavedEntry.Size));
        MemoryMarshal.AsBytes(ttlOffsets).CopyTo(_buffer.AsSpan(SavedEntry.Size + message.Length));
        Write(_buffer.AsSpan(0, SavedEntry.Size + entry.BodyLength));
        _count++;
    }

    /// <summary>Writes the checksum; returns how many entries there are.</summary>
    public int Finish()
    {
        _stream.Write(_hash.GetHashAndReset());
        return _count;
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private void WritePartition(uint partition, string identity)
    {
        var text = Encoding.UTF8.GetBytes(identity);
        Span<byte> head = stackalloc byte[6];
        BinaryPrimitives.WriteUInt32LittleEndian(head, partition);
        BinaryPrimitives.WriteUInt16LittleEndian(head[4..], (ushort)text.Length);
        Write(head);
        Write(text);
    }

    private void Write(ReadOnlySpan<byte> octets)
    {
        _hash.AppendData(octets);
        _stream.Write(octets);
    }
}
