using System.Net.Sockets;
using DnsFlow.Limits;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// A shard's upstream sockets. Each server has one current socket; after 64 questions or half a second it is replaced by one on another
/// random port, so that ID and port together are some 30 bits to guess, while the questions of one batch still leave in one system call.
/// Bounded: at the bound the current socket stays in use.
/// </summary>
internal sealed class UpstreamSockets(IDatagramNetwork network, IDatagramWaiter waiter, int firstToken, int capacity) : IDisposable
{
    private const long MaxAge = 500 * MonotonicClock.Millisecond;

    private readonly UpstreamSocket?[] _sockets = new UpstreamSocket?[capacity];
    private readonly Dictionary<int, int> _current = [];
    private int _count;

    /// <summary>Open sockets. Any thread may read it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The socket in a slot.</summary>
    public UpstreamSocket this[int socket] => _sockets[socket]!;

    /// <summary>The slot of a token the waiter reported.</summary>
    public static int FromToken(int token, int firstToken) => token - firstToken;

    /// <summary>Whether there is an open socket in the slot.</summary>
    public bool IsOpen(int socket) => (uint)socket < (uint)_sockets.Length && _sockets[socket] is not null;

    /// <summary>The socket the next question to a server leaves by; -1 when none can be opened. <paramref name="fresh"/> asks for another one than the current.</summary>
    public int Acquire(Upstream server, long now, bool fresh = false)
    {
        if (_current.TryGetValue(server.Id, out var current))
        {
            var socket = _sockets[current]!;
            var isUsable = socket.Uses < UpstreamSocket.MaxUses;
            var isDue = fresh || now - socket.OpenedAt > MaxAge;
            if (isUsable && !isDue)
            {
                return current;
            }

            var next = Open(server, now);
            if (next < 0)
            {
                return isUsable && !fresh ? current : -1;
            }

            Retire(current);
            _current[server.Id] = next;
            return next;
        }

        var first = Open(server, now);
        if (first >= 0)
        {
            _current[server.Id] = first;
        }

        return first;
    }

    /// <summary>A question that left by the socket no longer waits for a reply on it.</summary>
    public void Release(int socket)
    {
        var open = _sockets[socket]!;
        open.Outstanding--;
        if (open is { IsRetired: true, Outstanding: 0 })
        {
            Close(socket);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = 0; i < _sockets.Length; i++)
        {
            if (_sockets[i] is not null)
            {
                Close(i);
            }
        }
    }

    private int Open(Upstream server, long now)
    {
        var slot = _count < _sockets.Length ? Array.IndexOf(_sockets, null) : -1;
        if (slot < 0)
        {
            return -1;
        }

        try
        {
            var socket = network.Connect(server.Endpoint);
            _sockets[slot] = new UpstreamSocket(socket, server, now);
            waiter.Add(socket, firstToken + slot);
            Volatile.Write(ref _count, _count + 1);
            return slot;
        }
        catch (SocketException)
        {
            return -1;      // no route, no descriptor: the caller counts it against the attempt
        }
    }

    private void Retire(int socket)
    {
        _sockets[socket]!.IsRetired = true;
        if (_sockets[socket]!.Outstanding == 0)
        {
            Close(socket);
        }
    }

    private void Close(int socket)
    {
        var open = _sockets[socket]!;
        waiter.Remove(open.Socket);
        open.Socket.Dispose();
        _sockets[socket] = null;
        Volatile.Write(ref _count, _count - 1);
    }
}
