using System.Runtime.InteropServices;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The C library's <c>struct mmsghdr</c>: one cache line on 64-bit systems.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BatchMessage
{
    public MessageHeader Header;
    public uint Length;
}
