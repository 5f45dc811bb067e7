using System.ComponentModel;
using System.Runtime.InteropServices;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>
/// Waits by poll; woken by an eventfd. Poll and not epoll: a socket that an epoll set watches calls back into it for every datagram that comes
/// and for every one that has left, awake or not, which cost more than all system calls of this class together. Poll walks its few sockets once a wait.
/// </summary>
internal sealed unsafe class LinuxDatagramWaiter : IDatagramWaiter
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int FirstSocket = 2;

    private readonly Lock _wakeLock = new();
    private readonly int _wake;

    private readonly WaitTimer _timer = new();

    // Place 0 is the eventfd's, 1 the timer's; the places are dense, and a token belongs to each.
    private NativeTable<PollDescriptor> _places = new(16);
    private int[] _tokens = new int[16];
    private int _count;
    private int _isWoken;
    private bool _isDisposed;

    /// <summary>Opens the eventfd. Throws <see cref="Win32Exception"/> when there is none.</summary>
    public LinuxDatagramWaiter()
    {
        _wake = Libc.EventDescriptor(0, CloseOnExec | NonBlocking);
        if (_wake < 0)
        {
            _timer.Dispose();
            throw new Win32Exception(Marshal.GetLastSystemError());
        }

        Add(_wake, -1);
        Add(_timer.Descriptor, -1);
    }

    /// <inheritdoc/>
    public void Add(IDatagramSocket socket, int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        Add(((LinuxDatagramSocket)socket).Descriptor, token);
    }

    /// <inheritdoc/>
    public void Remove(IDatagramSocket socket)
    {
        var descriptor = ((LinuxDatagramSocket)socket).Descriptor;
        for (var place = FirstSocket; place < _count; place++)
        {
            if (_places[place].Descriptor == descriptor)
            {
                _count--;
                _places[place] = _places[_count];
                _tokens[place] = _tokens[_count];
                return;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>A signal also ends the wait, with 0, and so does a time that an earlier wait asked for.</remarks>
    public int Wait(Span<int> ready, int timeoutMilliseconds)
    {
        if (timeoutMilliseconds > 0)
        {
            _timer.FireWithin(timeoutMilliseconds);
        }

        fixed (PollDescriptor* places = &_places[0])
        {
            var left = Libc.Poll(places, (nuint)_count, timeoutMilliseconds == 0 ? 0 : -1);
            if (left < 0)
            {
                var error = Marshal.GetLastSystemError();
                return error == ErrorNumber.Interrupted ? 0 : throw new Win32Exception(error);
            }

            var tokens = 0;
            for (var place = 0; left > 0; place++)
            {
                if (places[place].Happened == 0)
                {
                    continue;
                }

                left--;
                if (place == 0)
                {
                    TakeWake();
                }
                else if (place == 1)
                {
                    _timer.Take();
                }
                else if (tokens < ready.Length)
                {
                    ready[tokens++] = _tokens[place]; // one that does not fit is reported again by the next wait
                }
            }

            return tokens;
        }
    }

    /// <inheritdoc/>
    public void Pause(int microseconds)
    {
        var time = stackalloc nint[] { microseconds / 1_000_000, microseconds % 1_000_000 * 1_000 }; // struct timespec
        _ = Libc.Sleep(time, null); // a signal ends it early, which does no harm
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
        }

        _timer.Dispose();
        _places.Dispose();
    }

    private void Add(int descriptor, int token)
    {
        if (_count == _places.Length)
        {
            Grow();
        }

        _places[_count] = new PollDescriptor { Descriptor = descriptor, Wanted = PollDescriptor.Readable };
        _tokens[_count++] = token;
    }

    private void Grow()
    {
        var larger = new NativeTable<PollDescriptor>(_count * 2);
        for (var place = 0; place < _count; place++)
        {
            larger[place] = _places[place];
        }

        _places.Dispose();
        _places = larger;
        Array.Resize(ref _tokens, _count * 2);
    }

    private void TakeWake()
    {
        ulong count;
        _ = Libc.Read(_wake, &count, sizeof(ulong));

        // After the read and before the owner looks at its queues: whoever wakes from here on writes again.
        Interlocked.Exchange(ref _isWoken, 0);
    }
}
