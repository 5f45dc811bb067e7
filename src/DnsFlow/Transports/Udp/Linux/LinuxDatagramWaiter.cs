using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>
/// Waits by epoll, level-triggered; woken by an eventfd. Epoll and not poll, because a shard has up to a thousand upstream sockets per
/// upstream, and poll would walk all of them at each call.
/// </summary>
internal sealed unsafe class LinuxDatagramWaiter : IDatagramWaiter
{
    private const int MaxEvents = 64;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Readable = 1; // EPOLLIN; errors are always reported
    private const ulong WakeToken = ulong.MaxValue;

    // struct epoll_event is packed on x86 only; elsewhere its second member is aligned to 8.
    private static readonly bool _isPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int _eventSize = _isPacked ? 12 : 16;
    private static readonly int _tokenOffset = _isPacked ? 4 : 8;

    private readonly Lock _wakeLock = new();
    private readonly NativeBuffer _events = new(MaxEvents * 16);
    private readonly int _epoll;
    private readonly int _wake;
    private int _isWoken;
    private bool _isDisposed;

    /// <summary>Opens the two descriptors. Throws <see cref="Win32Exception"/> when there are none.</summary>
    public LinuxDatagramWaiter()
    {
        _epoll = Check(Libc.EpollCreate(CloseOnExec));
        _wake = Libc.EventDescriptor(0, CloseOnExec | NonBlocking);
        if (_wake < 0)
        {
            var error = Marshal.GetLastSystemError();
            _ = Libc.Close(_epoll);
            throw new Win32Exception(error);
        }

        Control(add: true, _wake, WakeToken);
    }

    /// <inheritdoc/>
    public void Add(IDatagramSocket socket, int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        Control(add: true, ((LinuxDatagramSocket)socket).Descriptor, (ulong)token);
    }

    /// <inheritdoc/>
    public void Remove(IDatagramSocket socket) => Control(add: false, ((LinuxDatagramSocket)socket).Descriptor, 0);

    /// <inheritdoc/>
    /// <remarks>A signal also ends the wait, with 0.</remarks>
    public int Wait(Span<int> ready, int timeoutMilliseconds)
    {
        var events = (byte*)_events.Address;
        var count = Libc.EpollWait(_epoll, events, Math.Min(MaxEvents, ready.Length + 1), timeoutMilliseconds);
        if (count < 0)
        {
            var error = Marshal.GetLastSystemError();
            return error == ErrorNumber.Interrupted ? 0 : throw new Win32Exception(error);
        }

        var tokens = 0;
        for (var i = 0; i < count; i++)
        {
            var token = Unsafe.ReadUnaligned<ulong>(events + i * _eventSize + _tokenOffset);
            if (token == WakeToken)
            {
                TakeWake();
            }
            else if (tokens < ready.Length)
            {
                ready[tokens++] = (int)token; // one that does not fit is reported again by the next wait
            }
        }

        return tokens;
    }

    /// <inheritdoc/>
    public void Wake()
    {
        // The first of many writes; the others' news is seen by the same awakening.
        if (Interlocked.Exchange(ref _isWoken, 1) != 0)
        {
            return;
        }

        lock (_wakeLock)
        {
            if (!_isDisposed)
            {
                ulong one = 1;
                _ = Libc.Write(_wake, &one, sizeof(ulong)); // fails only when the counter is full: then it is readable anyway
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_wakeLock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _ = Libc.Close(_wake);
            _ = Libc.Close(_epoll);
        }

        _events.Dispose();
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastSystemError());

    private void TakeWake()
    {
        ulong count;
        _ = Libc.Read(_wake, &count, sizeof(ulong));

        // After the read and before the owner looks at its queues: whoever wakes from here on writes again.
        Interlocked.Exchange(ref _isWoken, 0);
    }

    private void Control(bool add, int descriptor, ulong token)
    {
        var pollEvent = stackalloc byte[16];
        Unsafe.WriteUnaligned(pollEvent, Readable);
        Unsafe.WriteUnaligned(pollEvent + _tokenOffset, token);
        Check(Libc.EpollControl(_epoll, add ? 1 : 2, descriptor, pollEvent));
    }
}
