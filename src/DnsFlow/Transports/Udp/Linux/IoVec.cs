using System.Runtime.InteropServices;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The kernel's <c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVec
{
    public byte* Base;
    public nuint Length;
}
