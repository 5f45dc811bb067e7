using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Transports.Memory;

/// <summary>
/// A network without sockets, for tests and embedding. The code under test opens listeners and connected sockets in it; the other side,
/// clients and upstreams, is played by hand: <see cref="SendFromClient"/> and <see cref="TryTakeForClient"/>, and one
/// <see cref="MemoryDatagramUpstream"/> per address. Nothing happens by itself, nothing is lost, order is kept. Thread safe.
/// </summary>
/// <param name="blocks">Whether the waiters really wait. By default they return at once, so a test runs a shard step by step on its own thread.</param>
internal sealed class MemoryDatagramNetwork(bool blocks = false) : IDatagramNetwork
{
    private const int FirstPort = 40_000;

    private readonly Dictionary<FlowEndpoint, List<MemoryDatagramSocket>> _listeners = [];
    private readonly Dictionary<FlowEndpoint, MemoryDatagramUpstream> _upstreams = [];
    private readonly Queue<MemoryDatagram> _sentToClients = [];
    private readonly HashSet<FlowEndpoint> _unreachable = [];
    private int _lastPort = FirstPort;

    /// <inheritdoc/>
    public bool SelectsSourceAddress => true;

    /// <summary>The one lock of the network; pulsed when a socket gets something.</summary>
    internal object Gate { get; } = new();

    /// <summary>How many responses wait to be taken by clients.</summary>
    public int WaitingForClients
    {
        get
        {
            lock (Gate)
            {
                return _sentToClients.Count;
            }
        }
    }

    /// <inheritdoc/>
    public IDatagramSocket Listen(FlowEndpoint address, bool shared)
    {
        lock (Gate)
        {
            var bound = address.Port == 0 ? address with { Port = NextPort() } : address;
            if (!_listeners.TryGetValue(bound, out var sockets))
            {
                _listeners[bound] = sockets = [];
            }

            if (sockets.Count > 0 && !(shared && sockets[0].IsShared))
            {
                throw new SocketException((int)SocketError.AddressAlreadyInUse);
            }

            var socket = new MemoryDatagramSocket(this, bound, shared);
            sockets.Add(socket);
            return socket;
        }
    }

    /// <summary>Not part of this network: it has no kernel sockets. Throws <see cref="NotSupportedException"/>.</summary>
    public IDatagramSocket Adopt(Socket inherited) => throw new NotSupportedException("A network in memory adopts no sockets.");

    /// <inheritdoc/>
    public IDatagramSocket Connect(FlowEndpoint upstream, SocketOrigin? origin = null)
    {
        lock (Gate)
        {
            if (_unreachable.Contains(upstream))
            {
                throw new SocketException((int)SocketError.NetworkUnreachable);
            }

            var local = upstream.IsIPv4 ? FlowEndpoint.FromIPv4(0x7F00_0001, NextPort()) : new FlowEndpoint(0, 1, 0, NextPort());
            return new MemoryDatagramSocket(this, local, At(upstream));
        }
    }

    /// <inheritdoc/>
    public IDatagramWaiter CreateWaiter() => new MemoryDatagramWaiter(this, blocks);

    /// <summary>The upstream at an address; made silent when it is new.</summary>
    public MemoryDatagramUpstream Upstream(FlowEndpoint address)
    {
        lock (Gate)
        {
            return At(address);
        }
    }

    /// <summary>Lets further <see cref="Connect"/> calls to an address throw, as when there is no route.</summary>
    public void MakeUnreachable(FlowEndpoint upstream)
    {
        lock (Gate)
        {
            _unreachable.Add(upstream);
        }
    }

    /// <summary>
    /// A client sends a datagram to an address a listener is bound to, or that a wildcard listener covers. Returns false when nobody
    /// listens there. Among shared listeners the client's endpoint decides, as in the kernel.
    /// </summary>
    public bool SendFromClient(FlowEndpoint client, FlowEndpoint destination, ReadOnlySpan<byte> payload)
    {
        lock (Gate)
        {
            if (FindListeners(destination) is not { Count: > 0 } sockets)
            {
                return false;
            }

            sockets[(int)((uint)client.GetHashCode() % (uint)sockets.Count)].Deliver(
                new MemoryDatagram(client, destination, payload.ToArray()));
            return true;
        }
    }

    /// <summary>Takes the oldest response to any client.</summary>
    public bool TryTakeForClients([NotNullWhen(true)] out MemoryDatagram? response)
    {
        lock (Gate)
        {
            return _sentToClients.TryDequeue(out response);
        }
    }

    /// <summary>Takes the oldest response to one client; null when there is none.</summary>
    public MemoryDatagram? TryTakeForClient(FlowEndpoint client)
    {
        lock (Gate)
        {
            MemoryDatagram? found = null;
            for (var left = _sentToClients.Count; left > 0; left--)
            {
                var response = _sentToClients.Dequeue();
                if (found is null && response.Destination == client)
                {
                    found = response;
                }
                else
                {
                    _sentToClients.Enqueue(response);
                }
            }

            return found;
        }
    }

    internal void SendToClient(MemoryDatagram response)
    {
        _sentToClients.Enqueue(response);
        Monitor.PulseAll(Gate);
    }

    internal void Close(MemoryDatagramSocket socket)
    {
        lock (Gate)
        {
            if (_listeners.TryGetValue(socket.LocalEndpoint, out var sockets))
            {
                sockets.Remove(socket);
            }
        }
    }

    private MemoryDatagramUpstream At(FlowEndpoint address)
    {
        if (!_upstreams.TryGetValue(address, out var upstream))
        {
            _upstreams[address] = upstream = new MemoryDatagramUpstream(this, address);
        }

        return upstream;
    }

    private List<MemoryDatagramSocket>? FindListeners(FlowEndpoint destination)
    {
        var wildcard = destination.IsIPv4 ? FlowEndpoint.FromIPv4(0, destination.Port) : new FlowEndpoint(0, 0, 0, destination.Port);
        return _listeners.TryGetValue(destination, out var exact) && exact.Count > 0 ? exact
            : _listeners.TryGetValue(wildcard, out var family) && family.Count > 0 ? family
            : _listeners.GetValueOrDefault(new FlowEndpoint(0, 0, 0, destination.Port));
    }

    private ushort NextPort() => (ushort)Interlocked.Increment(ref _lastPort);
}
