using System.Buffers.Binary;

namespace DnsFlow.Service.Captures;

/// <summary>The byte order of a capture file: that of the machine which wrote it.</summary>
internal readonly record struct FileOrder(bool IsBigEndian)
{
    /// <summary>Reads 16 bits.</summary>
    public ushort UInt16(ReadOnlySpan<byte> octets)
        => IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(octets) : BinaryPrimitives.ReadUInt16LittleEndian(octets);

    /// <summary>Reads 32 bits.</summary>
    public uint UInt32(ReadOnlySpan<byte> octets)
        => IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(octets) : BinaryPrimitives.ReadUInt32LittleEndian(octets);

    /// <summary>Reads 64 bits.</summary>
    public long Int64(ReadOnlySpan<byte> octets)
        => IsBigEndian ? BinaryPrimitives.ReadInt64BigEndian(octets) : BinaryPrimitives.ReadInt64LittleEndian(octets);
}
