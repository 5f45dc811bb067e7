using System.Runtime.InteropServices;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The control message UDP_SEGMENT: the stack cuts what is sent into datagrams of this many octets.</summary>
internal static class SegmentSize
{
    /// <summary>Its level, SOL_UDP.</summary>
    public const int Level = 17;

    /// <summary>Its type, and the name of the socket option.</summary>
    public const int Type = 103;

    private static readonly int _headerSize = (IntPtr.Size + 8 + IntPtr.Size - 1) & -IntPtr.Size;

    /// <summary>Writes the message; returns its length.</summary>
    public static int Write(Span<byte> control, int octets)
    {
        MemoryMarshal.Write(control, (nuint)(_headerSize + sizeof(ushort)));
        MemoryMarshal.Write(control[IntPtr.Size..], Level);
        MemoryMarshal.Write(control[(IntPtr.Size + 4)..], Type);
        MemoryMarshal.Write(control[_headerSize..], (ushort)octets);
        return (_headerSize + sizeof(ushort) + IntPtr.Size - 1) & -IntPtr.Size;
    }
}
