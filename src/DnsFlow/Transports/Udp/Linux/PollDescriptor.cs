using System.Runtime.InteropServices;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The C library's <c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    /// <summary>POLLIN; errors are always reported.</summary>
    public const short Readable = 1;

    public int Descriptor;
    public short Wanted;
    public short Happened;
}
