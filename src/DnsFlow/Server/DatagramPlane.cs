using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Shards;
using DnsFlow.Transports;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>The shards: their listener sockets, one of each address for every shard, and their threads.</summary>
internal sealed class DatagramPlane(IDatagramNetwork network, int shards) : IDisposable
{
    private readonly List<(IDatagramSocket Socket, int Listener)>[] _sockets = [.. Enumerable.Range(0, shards).Select(_ => new List<(IDatagramSocket, int)>())];
    private readonly List<ShardThread> _threads = [];

    /// <summary>The kind of sockets.</summary>
    public IDatagramNetwork Network => network;

    /// <summary>The running shards.</summary>
    public IEnumerable<Shard> Shards => _threads.Select(thread => thread.Shard);

    /// <summary>Rounds of any shard that ended with an exception.</summary>
    public long Faults => _threads.Sum(thread => thread.Faults);

    /// <summary>Binds one address for every shard and returns it with its real port. Throws <see cref="SocketException"/>; nothing of it stays bound then.</summary>
    public FlowEndpoint Bind(FlowEndpoint address, int listener)
    {
        var bound = new List<IDatagramSocket>();
        var listening = network.SharesAddresses ? shards : 1;
        try
        {
            for (var shard = 0; shard < listening; shard++)
            {
                bound.Add(network.Listen(bound.Count == 0 ? address : bound[0].LocalEndpoint, shared: listening > 1));
            }
        }
        catch (SocketException)
        {
            bound.ForEach(socket => socket.Dispose());
            throw;
        }

        for (var shard = 0; shard < listening; shard++)
        {
            _sockets[shard].Add((bound[shard], listener));
        }

        return bound[0].LocalEndpoint;
    }

    /// <summary>Gives up the address that was bound last for a listener.</summary>
    public void Unbind(int listener)
    {
        foreach (var sockets in _sockets)
        {
            var last = sockets.FindLastIndex(entry => entry.Listener == listener);
            if (last >= 0)
            {
                sockets[last].Socket.Dispose();
                sockets.RemoveAt(last);
            }
        }
    }

    /// <summary>Takes over a bound socket of the service manager; the first shard serves it.</summary>
    public FlowEndpoint Adopt(Socket inherited, int listener)
    {
        var socket = network.Adopt(inherited);
        _sockets[0].Add((socket, listener));
        return socket.LocalEndpoint;
    }

    /// <summary>Makes the shards and starts their threads.</summary>
    public void Start(Func<int, ShardServices> services, MonotonicClock clock, ILogger logger)
    {
        for (var index = 0; index < shards; index++)
        {
            _threads.Add(new ShardThread(new Shard(services(index), _sockets[index]), index, clock, logger));
            _sockets[index].Clear();
        }

        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>Drains and ends all shards.</summary>
    public Task StopAsync(TimeSpan drain) => Task.WhenAll(_threads.Select(thread => thread.StopAsync(drain)));

    /// <summary>Frees what is left; call after <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        foreach (var (socket, _) in _sockets.SelectMany(list => list))
        {
            socket.Dispose();
        }

        _threads.ForEach(thread => thread.Dispose());
        _threads.Clear();
    }
}
