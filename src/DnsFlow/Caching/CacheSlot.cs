using System.Runtime.InteropServices;

namespace DnsFlow.Caching;

/// <summary>
/// One slot of the index: 56 bits of the key's hash, the hit mark, and the entry's position (0 = the slot is empty). Only the segment's owner
/// writes it, except for the mark: that is an octet of its own, any reader may write it, and a lost or misplaced mark does no harm.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CacheSlot
{
    /// <summary>The highest mark: how many times an entry may be spared.</summary>
    public const byte MaxMark = 3;

    private const ulong HashMask = 0x00FF_FFFF_FFFF_FFFF;

    private ulong _tag;
    private ulong _position;

    /// <summary>The hash without its upper eight bits.</summary>
    public readonly ulong Hash => _tag & HashMask;

    /// <summary>The entry's position; what lies there was written before the position could be read.</summary>
    public ulong Position
    {
        readonly get => Volatile.Read(in _position);
        set => Volatile.Write(ref _position, value);
    }

    /// <summary>How often the entry was hit since it was last spared, at most <see cref="MaxMark"/>.</summary>
    public byte Mark
    {
        readonly get => (byte)(_tag >> 56);
        set => MemoryMarshal.AsBytes(new Span<ulong>(ref _tag))[BitConverter.IsLittleEndian ? 7 : 0] = value;
    }

    /// <summary>Whether the slot is for this hash, as far as it can tell.</summary>
    public readonly bool IsFor(ulong hash) => ((_tag ^ hash) & HashMask) == 0;

    /// <summary>Fills the slot. The position comes last: a reader that sees it also sees the tag.</summary>
    public void Fill(ulong hash, byte mark, ulong position)
    {
        _tag = (hash & HashMask) | ((ulong)mark << 56);
        Position = position;
    }
}
