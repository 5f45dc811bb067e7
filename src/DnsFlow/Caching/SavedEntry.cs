using System.Runtime.InteropServices;

namespace DnsFlow.Caching;

/// <summary>The fixed part of an entry in a saved cache; the message and the places of its TTLs follow. All little endian.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct SavedEntry
{
    /// <summary>The size in octets.</summary>
    public const int Size = 28;

    /// <summary>How old it was when the file was written, in milliseconds.</summary>
    public long Age;

    /// <summary>Its lifetime in seconds.</summary>
    public uint Lifetime;

    /// <summary>Its partition, as the file numbers them.</summary>
    public uint Partition;

    /// <summary>The length of the message.</summary>
    public ushort MessageLength;

    /// <summary>How many TTLs it has.</summary>
    public ushort TtlCount;

    /// <summary>RCODE.</summary>
    public ushort Code;

    /// <summary>The extended error as <see cref="EntryHeader"/> has it.</summary>
    public ushort Error;

    /// <summary>The length of QNAME.</summary>
    public byte NameLength;

    /// <summary>Flags.</summary>
    public EntryFlags Flags;

    /// <summary>Always 0.</summary>
    public ushort Reserved;

    /// <summary>The octets behind the fixed part.</summary>
    public readonly int BodyLength => MessageLength + (2 * TtlCount);
}
