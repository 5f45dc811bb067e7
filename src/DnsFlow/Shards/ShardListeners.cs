using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// A shard's listener sockets, each in a slot of its own that flows and waiting queries know it by. A reload adds and removes some while the others
/// go on; one that is removed takes nothing new, and closes when the last query that came by it has its response.
/// </summary>
internal sealed class ShardListeners(IDatagramWaiter waiter) : IDisposable
{
    /// <summary>The most sockets; the waiter's tokens from here on are for other things.</summary>
    public const int Capacity = 64;

    private readonly ShardListener?[] _slots = new ShardListener?[Capacity];
    private readonly List<(int Socket, Action OnClosed)> _closing = [];
    private long _closedDrops;

    /// <summary>Where a walk over all slots ends.</summary>
    public int End { get; private set; }

    /// <summary>Whether sockets wait for their last responses.</summary>
    public bool IsClosing => _closing.Count > 0;

    /// <summary>Datagrams the kernel dropped at the listeners, closed ones too. Any thread.</summary>
    public long KernelDrops
    {
        get
        {
            var drops = Volatile.Read(ref _closedDrops);
            foreach (var listener in _slots)
            {
                drops += listener?.Socket.KernelDrops ?? 0;
            }

            return drops;
        }
    }

    /// <summary>The socket in a slot that is in use.</summary>
    public ShardListener this[int socket] => _slots[socket]!;

    /// <summary>Whether queries are taken from the slot.</summary>
    public bool IsListening(int socket) => _slots[socket] is { IsClosing: false };

    /// <summary>Begins to listen. There must be a free slot.</summary>
    public void Add(ShardListener listener)
    {
        var slot = Array.IndexOf(_slots, null);
        _slots[slot] = listener;
        End = Math.Max(End, slot + 1);
        waiter.Add(listener.Socket, slot);
    }

    /// <summary>The slot of an address; -1 when no socket listens there.</summary>
    public int Find(FlowEndpoint address)
    {
        for (var socket = 0; socket < End; socket++)
        {
            if (IsListening(socket) && _slots[socket]!.Socket.LocalEndpoint == address)
            {
                return socket;
            }
        }

        return -1;
    }

    /// <summary>Takes no more queries from a socket. <paramref name="onClosed"/> is called when it is closed.</summary>
    public void BeginClose(int socket, Action onClosed)
    {
        waiter.Remove(_slots[socket]!.Socket);
        _slots[socket]!.IsClosing = true;
        _closing.Add((socket, onClosed));
    }

    /// <summary>Closes what has sent its last response, after <paramref name="forget"/> was told the slot.</summary>
    public void CloseFinished(Action<int> forget)
    {
        for (var i = _closing.Count - 1; i >= 0; i--)
        {
            var (socket, onClosed) = _closing[i];
            if (_slots[socket]!.InFlight == 0)
            {
                forget(socket);
                Volatile.Write(ref _closedDrops, _closedDrops + _slots[socket]!.Socket.KernelDrops);
                _slots[socket]!.Dispose();
                _slots[socket] = null;
                _closing.RemoveAt(i);
                onClosed();
            }
        }
    }

    /// <summary>Takes over which listener each address belongs to; a new plan may call an old address by another name.</summary>
    public void Label(ForwardingPlan plan)
    {
        foreach (var (address, listener) in plan.Labels)
        {
            if (Find(address) is >= 0 and var socket)
            {
                _slots[socket]!.Listener = listener;
            }
        }
    }

    /// <summary>Sends what has gathered on all sockets.</summary>
    public void Flush()
    {
        for (var socket = 0; socket < End; socket++)
        {
            _slots[socket]?.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var listener in _slots)
        {
            listener?.Dispose();
        }

        _closing.ForEach(static entry => entry.OnClosed());
        _closing.Clear();
    }
}
