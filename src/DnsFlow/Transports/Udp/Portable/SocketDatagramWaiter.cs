using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>Waits by <see cref="Socket.Select(System.Collections.IList, System.Collections.IList, System.Collections.IList, int)"/>; woken by a datagram to a socket that hears only itself.</summary>
internal sealed class SocketDatagramWaiter : IDatagramWaiter
{
    private readonly Socket _wake = OpenWake();
    private readonly Dictionary<Socket, (SocketDatagramSocket Socket, int Token)> _added = [];
    private readonly List<Socket> _sockets = [];
    private readonly List<Socket> _readable = [];
    private readonly byte[] _wakeBuffer = GC.AllocateUninitializedArray<byte>(16, pinned: true);
    private int _isWoken;
    private int _first;

    /// <inheritdoc/>
    public void Add(IDatagramSocket socket, int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        var added = ((SocketDatagramSocket)socket).Socket;
        _added.Add(added, ((SocketDatagramSocket)socket, token));
        _sockets.Add(added);
    }

    /// <inheritdoc/>
    public void Remove(IDatagramSocket socket)
    {
        var removed = ((SocketDatagramSocket)socket).Socket;
        _added.Remove(removed);
        _sockets.Remove(removed);
    }

    /// <inheritdoc/>
    public int Wait(Span<int> ready, int timeoutMilliseconds)
    {
        _readable.Clear();
        _readable.Add(_wake);
        AddInTurn();
        var microseconds = timeoutMilliseconds < 0 ? -1 : (int)Math.Min(timeoutMilliseconds * 1_000L, int.MaxValue);
        Socket.Select(_readable, null, null, microseconds);
        var count = 0;
        for (var i = 0; i < _readable.Count; i++)
        {
            if (_readable[i] == _wake)
            {
                TakeWake();
            }
            else if (count < ready.Length)
            {
                var (socket, token) = _added[_readable[i]];
                socket.IsReadable = true;
                ready[count++] = token;
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWoken, 1) != 0)
        {
            return; // many calls are one wake-up
        }

        try
        {
            _wake.Send([1], SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The shard has ended: nobody waits any more.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    private static Socket OpenWake()
    {
        var address = Socket.OSSupportsIPv4 ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            socket.Connect(socket.LocalEndPoint!); // its only peer is itself: nobody else can wake the shard
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Each wait begins with another socket, so that a busy one does not keep others out when not all fit.</summary>
    private void AddInTurn()
    {
        _first = _first + 1 < _sockets.Count ? _first + 1 : 0;
        for (var i = 0; i < _sockets.Count; i++)
        {
            _readable.Add(_sockets[(_first + i) % _sockets.Count]);
        }
    }

    private void TakeWake()
    {
        while (_wake.Receive(_wakeBuffer, SocketFlags.None, out var error) > 0 && error == SocketError.Success)
        {
            // Usually one datagram; whatever is there counts as one wake-up.
        }

        // After the read and before the owner looks at its queues: whoever wakes from here on sends again.
        Interlocked.Exchange(ref _isWoken, 0);
    }
}
