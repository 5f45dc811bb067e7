using System.Runtime.InteropServices;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The C library's <c>struct msghdr</c>. Its paddings stay zero, which also fits musl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public KernelAddress* Name;
    public uint NameLength;
    public IoVec* Parts;
    public nuint PartCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}
