using System.Net.Sockets;
using DnsFlow.Limits;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// A shard's upstream sockets. Each server has one current socket; after 1,024 questions or half a second its place is taken by one on another
/// random port, so that ID and port together are some 30 bits to guess, while the questions of one batch still leave in one system call. A socket whose questions
/// are all over is kept and connected anew when a port is needed: that costs three system calls and no memory, a fresh one ten (docs/decisions/0002).
/// Bounded: at the bound the current socket stays in use.
/// </summary>
internal sealed class UpstreamSockets(IDatagramNetwork network, IDatagramWaiter waiter, int firstToken, int capacity) : IDisposable
{
    /// <summary>How many questions leave by one port before the next is due.</summary>
    public const int MaxUses = 1024;

    private const long MaxAge = 500 * MonotonicClock.Millisecond;
    private const int MaxSpares = 8;

    private readonly UpstreamSocket?[] _sockets = new UpstreamSocket?[capacity];
    private readonly Dictionary<int, int> _current = [];
    private readonly List<int> _spares = new(MaxSpares);
    private Upstream? _lastServer;
    private int _lastSocket;
    private int _count;

    /// <summary>Open sockets. Any thread may read it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The socket in a slot.</summary>
    public UpstreamSocket this[int socket] => _sockets[socket]!;

    /// <summary>Whether there is an open socket in the slot.</summary>
    public bool IsOpen(int socket) => (uint)socket < (uint)_sockets.Length && _sockets[socket] is not null;

    /// <summary>The socket the next question to a server leaves by; -1 when none can be opened. <paramref name="fresh"/> asks for another one than the current.</summary>
    public int Acquire(Upstream server, long now, bool fresh = false)
    {
        var current = Current(server);
        if (current >= 0 && !fresh && !IsDue(_sockets[current]!, now))
        {
            return current;
        }

        var next = Open(server, now);
        if (next < 0)
        {
            return fresh ? -1 : current;
        }

        if (current >= 0)
        {
            _sockets[current]!.IsRetired = true;
            FreeIfOver(current);
        }

        _current[server.Id] = _lastSocket = next;
        _lastServer = server;
        return next;
    }

    /// <summary>A question that left by the socket no longer waits for a reply on it.</summary>
    public void Release(int socket)
    {
        _sockets[socket]!.Outstanding--;
        FreeIfOver(socket);
    }

    /// <summary>
    /// No new question leaves by any of the sockets: those of servers that a new plan does not have would stay open for ever. Each closes with its last
    /// outstanding question.
    /// </summary>
    public void RetireAll()
    {
        foreach (var socket in _current.Values)
        {
            _sockets[socket]!.IsRetired = true;
            FreeIfOver(socket);
        }

        _current.Clear();
        _lastServer = null;
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

    private static bool IsDue(UpstreamSocket socket, long now) => socket.Uses >= MaxUses || now - socket.OpenedAt > MaxAge;

    private int Current(Upstream server)
    {
        if (server != _lastServer)
        {
            _lastSocket = _current.GetValueOrDefault(server.Id, -1);
            _lastServer = server;
        }

        return _lastSocket;
    }

    private int Open(Upstream server, long now)
    {
        var slot = OpenSpare(server);
        if (slot < 0)
        {
            slot = OpenNew(server);
        }

        if (slot >= 0)
        {
            _sockets[slot]!.Begin(server, now);
        }

        return slot;
    }

    private int OpenSpare(Upstream server)
    {
        while (_spares.Count > 0 && server.Link.Origin.IsAny)
        {
            var slot = _spares[^1];
            _spares.RemoveAt(_spares.Count - 1);
            if (_sockets[slot]!.Socket.TryConnect(server.Endpoint))
            {
                waiter.Add(_sockets[slot]!.Socket, firstToken + slot);
                return slot;
            }

            Close(slot);
        }

        return -1;
    }

    private int OpenNew(Upstream server)
    {
        var slot = _count < _sockets.Length ? Array.IndexOf(_sockets, null) : -1;
        if (slot < 0)
        {
            return -1;
        }

        try
        {
            var socket = network.Connect(server.Endpoint, server.Link.Origin.IsAny ? null : server.Link.Origin);
            _sockets[slot] = new UpstreamSocket(socket);
            waiter.Add(socket, firstToken + slot);
            Volatile.Write(ref _count, _count + 1);
            return slot;
        }
        catch (SocketException)
        {
            return -1;      // no route, no descriptor: the caller counts it against the attempt
        }
    }

    private void FreeIfOver(int socket)
    {
        if (_sockets[socket] is not { IsRetired: true, Outstanding: 0 })
        {
            return;
        }

        if (_spares.Count < MaxSpares && _sockets[socket]!.Server.Link.Origin.IsAny)
        {
            // Nobody expects anything there, and each socket that is waited for makes each wait longer.
            waiter.Remove(_sockets[socket]!.Socket);
            _spares.Add(socket);
        }
        else
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
