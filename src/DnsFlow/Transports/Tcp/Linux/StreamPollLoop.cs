using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DnsFlow.Transports.Udp.Linux;

namespace DnsFlow.Transports.Tcp.Linux;

/// <summary>
/// One thread that waits by epoll, edge-triggered: a socket is registered once, and each arrival is told once, also while nobody waits for it. A socket's
/// token is a slot and how often the slot was used, so that news of a closed socket never reaches the next one.
/// </summary>
internal sealed unsafe class StreamPollLoop(int index) : IDisposable
{
    private const int MaxEvents = 128;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const uint Readable = 0x001, Error = 0x008, HungUp = 0x010, PeerEnded = 0x2000, EdgeTriggered = 1u << 31;
    private const ulong WakeToken = ulong.MaxValue;

    // struct epoll_event is packed on x86 only; elsewhere its second member is aligned to 8.
    private static readonly bool s_isPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int s_eventSize = s_isPacked ? 12 : 16;
    private static readonly int s_tokenOffset = s_isPacked ? 4 : 8;

    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private PolledReadSignal?[] _slots = [];
    private int[] _uses = [];
    private Thread? _thread;
    private int _epoll = -1;
    private int _wake = -1;
    private int _used;
    private bool _isDisposed;

    /// <summary>Begins to watch a socket; null when the kernel has no room for it.</summary>
    public PolledReadSignal? TryAdd(Socket socket)
    {
        lock (_lock)
        {
            if (_isDisposed || !IsStarted())
            {
                return null;
            }

            var slot = TakeSlot();
            var signal = new PolledReadSignal(this, slot);
            Volatile.Write(ref _slots[slot], signal);
            if (Register(socket.SafeHandle, slot))
            {
                return signal;
            }

            Free(slot);
            return null;
        }
    }

    /// <summary>The socket of a slot is closed, or about to be.</summary>
    public void Remove(int slot)
    {
        lock (_lock)
        {
            Free(slot);
        }
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            if (_thread is not null)
            {
                ulong one = 1;
                _ = Libc.Write(_wake, &one, sizeof(ulong));
            }
        }
    }

    private bool IsStarted()
    {
        if (_thread is not null)
        {
            return true;
        }

        _epoll = Libc.EpollCreate(CloseOnExec);
        _wake = _epoll < 0 ? -1 : Libc.EventDescriptor(0, CloseOnExec | NonBlocking);
        if (_wake < 0 || !Control(_wake, Readable, WakeToken))
        {
            Close();
            return false;
        }

        _thread = new Thread(Run) { Name = $"dnsflow-tcp-{index}", IsBackground = true };
        _thread.Start();
        return true;
    }

    private int TakeSlot()
    {
        if (_free.TryPop(out var slot))
        {
            return slot;
        }

        if (_used == _slots.Length)
        {
            var size = Math.Max(64, _slots.Length * 2);
            Array.Resize(ref _uses, size);
            var larger = new PolledReadSignal?[size];
            _slots.CopyTo(larger, 0);
            Volatile.Write(ref _slots, larger);     // the thread may still read the old one: what is in it is right
        }

        return _used++;
    }

    private void Free(int slot)
    {
        Volatile.Write(ref _slots[slot], null);
        _uses[slot]++;
        _free.Push(slot);
    }

    private bool Register(SafeSocketHandle handle, int slot)
    {
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return Control((int)handle.DangerousGetHandle(), Readable | PeerEnded | EdgeTriggered, ((ulong)(uint)_uses[slot] << 32) | (uint)slot);
        }
        catch (ObjectDisposedException)
        {
            return false;       // closed meanwhile: whoever waits the other way is told so
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    private bool Control(int descriptor, uint interest, ulong token)
    {
        var pollEvent = stackalloc byte[16];
        Unsafe.WriteUnaligned(pollEvent, interest);
        Unsafe.WriteUnaligned(pollEvent + s_tokenOffset, token);
        return Libc.EpollControl(_epoll, 1, descriptor, pollEvent) == 0;
    }

    private void Run()
    {
        var events = stackalloc byte[MaxEvents * 16];
        while (!Volatile.Read(ref _isDisposed))
        {
            var count = Libc.EpollWait(_epoll, events, MaxEvents, -1);
            if (count < 0 && Marshal.GetLastSystemError() is var error && error != ErrorNumber.Interrupted)
            {
                throw new Win32Exception(error);        // cannot happen with a descriptor of our own
            }

            for (var i = 0; i < count; i++)
            {
                var token = Unsafe.ReadUnaligned<ulong>(events + i * s_eventSize + s_tokenOffset);
                if (token != WakeToken)
                {
                    Tell(token, Unsafe.ReadUnaligned<uint>(events + i * s_eventSize));
                }
            }
        }

        Close();
    }

    private void Tell(ulong token, uint what)
    {
        var slot = (int)(uint)token;
        if (Volatile.Read(ref Volatile.Read(ref _slots)[slot]) is { } signal && Volatile.Read(ref Volatile.Read(ref _uses)[slot]) == (int)(token >> 32))
        {
            signal.Tell(isLast: (what & (PeerEnded | HungUp | Error)) != 0);
        }
    }

    private void Close()
    {
        if (_epoll >= 0)
        {
            _ = Libc.Close(_epoll);
        }

        if (_wake >= 0)
        {
            _ = Libc.Close(_wake);
        }

        (_epoll, _wake) = (-1, -1);
    }
}
