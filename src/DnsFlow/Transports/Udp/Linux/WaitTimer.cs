using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>
/// Ends waits by a timerfd that stands among the polled places, instead of by poll's own time-out. That one is set and cleared by the kernel with every wait,
/// and on a virtual machine each change of the next timer leaves the machine. Time-outs nearly always move away: this timer stays where it is until it
/// fires, only an earlier time sets it anew, and who is woken too early asks again. One owner.
/// </summary>
internal sealed unsafe class WaitTimer : IDisposable
{
    private const int ClockMonotonic = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const long None = long.MaxValue;

    // The kernel's own time: the timer goes by it whatever the proxy's clock says.
    private readonly TimeProvider _time = TimeProvider.System;
    private long _firesAt = None;

    /// <summary>Opens the timer, which is not set. Throws <see cref="Win32Exception"/> when there is none.</summary>
    public WaitTimer()
    {
        Descriptor = Libc.TimerDescriptor(ClockMonotonic, NonBlocking | CloseOnExec);
        if (Descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastSystemError());
        }
    }

    /// <summary>The file descriptor, readable once the timer has fired; open until <see cref="Dispose"/>.</summary>
    public int Descriptor { get; }

    /// <summary>Makes it fire within so many milliseconds (above 0), or earlier.</summary>
    public void FireWithin(int milliseconds)
    {
        var due = _time.GetTimestamp() + milliseconds * (_time.TimestampFrequency / 1_000);
        if (due >= _firesAt)
        {
            return;
        }

        // struct itimerspec: no interval, then the time from now on.
        var time = stackalloc nint[] { 0, 0, milliseconds / 1_000, milliseconds % 1_000 * 1_000_000 };
        if (Libc.SetTimer(Descriptor, 0, time, null) != 0)
        {
            throw new Win32Exception(Marshal.GetLastSystemError());
        }

        _firesAt = due;
    }

    /// <summary>It has fired, or is reported to have: it is not set any more.</summary>
    public void Take()
    {
        ulong count;
        _ = Libc.Read(Descriptor, &count, sizeof(ulong));
        _firesAt = None;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(Descriptor);
}
