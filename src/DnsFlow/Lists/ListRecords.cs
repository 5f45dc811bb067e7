using System.Buffers.Binary;
using DnsFlow.Limits;
using DnsFlow.Protocol;

namespace DnsFlow.Lists;

/// <summary>
/// The records of one list, one behind the other in blocks; none lies in two. A record is: flags (1 octet), source and line (4), the number of its detail (3, only with the flag), the
/// name in wire form and lower case. Written by one thread and then read by any.
/// </summary>
/// <param name="maxBytes">The most octets.</param>
internal sealed class ListRecords(long maxBytes) : IDisposable
{
    /// <summary>How many bits of a record's number are its offset in its block.</summary>
    public const int BlockBits = 20;

    /// <summary>Octets before the name, or before the detail.</summary>
    public const int HeadSize = 5;

    /// <summary>Octets of a detail's number.</summary>
    public const int DetailSize = 3;

    /// <summary>The most blocks of all lists together: a record is found by 32 bits.</summary>
    public const int MaxBlocks = 1 << (32 - BlockBits);

    private const int BlockSize = 1 << BlockBits;
    private const int MaxRecord = HeadSize + DetailSize + WireName.MaxLength;

    private readonly List<int> _lengths = [];
    private PageBuffer? _pages;

    /// <summary>How many blocks there are.</summary>
    public int Blocks => _lengths.Count;

    /// <summary>How many octets there are, those between blocks counted.</summary>
    public long Bytes => _lengths.Count == 0 ? 0 : ((long)(_lengths.Count - 1) << BlockBits) + _lengths[^1];

    /// <summary>The memory; null when there is no record.</summary>
    public PageBuffer? Pages => _pages;

    /// <summary>The flags of a record.</summary>
    public static EntryFlags Flags(ReadOnlySpan<byte> record) => (EntryFlags)record[0];

    /// <summary>Where a record's name begins.</summary>
    public static int NameOffset(EntryFlags flags) => HeadSize + ((flags & EntryFlags.HasDetail) != 0 ? DetailSize : 0);

    /// <summary>The source and line of a record.</summary>
    public static uint Place(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record[1..]);

    /// <summary>The records of a block. This object has to be kept alive meanwhile.</summary>
    public Span<byte> Block(int block) => _pages!.Slice((long)block << BlockBits, _lengths[block]);

    /// <summary>A record and what follows it. This object has to be kept alive meanwhile.</summary>
    public Span<byte> At(uint record) => Block((int)(record >> BlockBits))[(int)(record & (BlockSize - 1))..];

    /// <summary>Adds a record; false when there is no room for it.</summary>
    /// <param name="flags">Its flags.</param>
    /// <param name="place">Its source and line.</param>
    /// <param name="detail">The number of its detail, if it has one.</param>
    /// <param name="name">The name.</param>
    /// <param name="number">The record's number.</param>
    public bool TryAdd(EntryFlags flags, uint place, int detail, ReadOnlySpan<byte> name, out uint number)
    {
        number = 0;
        if ((_lengths.Count == 0 || _lengths[^1] + MaxRecord > BlockSize) && !TryBeginBlock())
        {
            return false;
        }

        var length = NameOffset(flags) + name.Length;
        number = ((uint)(_lengths.Count - 1) << BlockBits) | (uint)_lengths[^1];
        _lengths[^1] += length;
        var record = At(number);
        record[0] = (byte)flags;
        BinaryPrimitives.WriteUInt32LittleEndian(record[1..], place);
        if ((flags & EntryFlags.HasDetail) != 0)
        {
            DetailTable.Write(record[HeadSize..], detail);
        }

        name.CopyTo(record[NameOffset(flags)..]);
        return true;
    }

    /// <summary>Gives back the memory that no record has taken. Nothing is added after it.</summary>
    public void Complete() => _pages?.Keep(Bytes);

    /// <summary>Calls <paramref name="visit"/> with the name, and the number, of every record.</summary>
    public void ForEachName(NameVisitor visit)
    {
        for (var block = 0; block < Blocks; block++)
        {
            var octets = Block(block);
            for (var position = 0; position < octets.Length;)
            {
                var name = position + NameOffset((EntryFlags)octets[position]);
                var length = WireName.Measure(octets, name);
                visit(octets.Slice(name, length), ((uint)block << BlockBits) | (uint)position);
                position = name + length;
            }
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _pages?.Dispose();

    private bool TryBeginBlock()
    {
        // Records that leave a gap at the end of each block are counted without it.
        var most = Math.Min(MaxBlocks, (maxBytes / (BlockSize - MaxRecord)) + 2);
        if (_lengths.Count == most)
        {
            return false;
        }

        _pages ??= PageBuffer.Reserve(most << BlockBits);
        _lengths.Add(0);
        return true;
    }

    /// <summary>Takes a name and the number of its record.</summary>
    public delegate void NameVisitor(ReadOnlySpan<byte> name, uint record);
}
