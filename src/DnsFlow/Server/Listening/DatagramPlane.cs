using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Shards;
using DnsFlow.Transports;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server.Listening;

/// <summary>
/// The shards: their listener sockets, one of each address for every shard, and their threads. Sockets that were bound wait until the start, or until they
/// are published to the running shards. Members are called one at a time.
/// </summary>
internal sealed class DatagramPlane(IDatagramNetwork network, int shards, TimeProvider time) : IDisposable
{
    /// <summary>The most addresses at a time.</summary>
    public const int MaxAddresses = ShardListeners.Capacity;

    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<FlowEndpoint, Task> _closing = [];
    private int _addresses;
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
        if (_addresses >= MaxAddresses)
        {
            throw new SocketException((int)SocketError.TooManyOpenSockets);
        }

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

        _addresses++;
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

        _addresses--;
    }

    /// <summary>Gives up everything that was bound and not published.</summary>
    public void Withdraw()
    {
        _addresses -= _sockets[0].Count;
        foreach (var sockets in _sockets)
        {
            sockets.ForEach(static entry => entry.Socket.Dispose());
            sockets.Clear();
        }
    }

    /// <summary>The network is another one; <paramref name="isGone"/> says which local addresses are no more.</summary>
    public void OnNetworkChanged(Func<IPAddress, bool> isGone)
    {
        foreach (var thread in _threads)
        {
            thread.Shard.Queue.TryPost(new ShardWork.NetworkChanged(isGone));
        }
    }

    /// <summary>The running shards listen on what was bound since the last call.</summary>
    public async Task PublishAsync()
    {
        for (var shard = 0; shard < shards; shard++)
        {
            foreach (var (socket, listener) in _sockets[shard])
            {
                await PostAsync(shard, new ShardWork.Listen(socket, listener)).ConfigureAwait(false);
            }

            _sockets[shard].Clear();
        }
    }

    /// <summary>The running shards take no more queries from an address; its sockets close when they have sent their last responses.</summary>
    public async Task CloseAsync(FlowEndpoint address)
    {
        var closed = new List<Task>();
        for (var shard = 0; shard < shards; shard++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await PostAsync(shard, new ShardWork.Unlisten(address, () => done.TrySetResult())).ConfigureAwait(false);
            closed.Add(done.Task);
        }

        foreach (var done in _closing.Where(static pair => pair.Value.IsCompleted).Select(static pair => pair.Key).ToList())
        {
            _closing.Remove(done);
        }

        _closing[address] = Task.WhenAll(closed);
        _addresses--;
    }

    /// <summary>Waits until an address that was given up can be bound again.</summary>
    public async Task ClosedAsync(FlowEndpoint address)
    {
        if (_closing.Remove(address, out var closing))
        {
            await closing.ConfigureAwait(false);
        }
    }

    /// <summary>Waits until every shard works with the plan in force alone.</summary>
    public async Task TurnOverAsync()
    {
        var turned = new List<Task>();
        for (var shard = 0; shard < _threads.Count; shard++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await PostAsync(shard, new ShardWork.TurnOver(() => done.TrySetResult())).ConfigureAwait(false);
            turned.Add(done.Task);
        }

        await Task.WhenAll(turned).ConfigureAwait(false);
    }

    /// <summary>Gives every shard a task, which is made for each.</summary>
    public async Task<IReadOnlyList<T>> RunAsync<T>(Func<T> make)
        where T : IShardTask
    {
        var tasks = new List<T>();
        for (var shard = 0; shard < _threads.Count; shard++)
        {
            var task = make();
            await PostAsync(shard, new ShardWork.Task(task)).ConfigureAwait(false);
            tasks.Add(task);
        }

        return tasks;
    }

    /// <summary>Takes over a bound socket of the service manager; the first shard serves it.</summary>
    public FlowEndpoint Adopt(Socket inherited, int listener)
    {
        var socket = network.Adopt(inherited);
        _sockets[0].Add((socket, listener));
        _addresses++;
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

    // The queue keeps places free for this; under a flood of hand-overs it may be full for a moment all the same.
    private async Task PostAsync(int shard, ShardWork work)
    {
        while (!_threads[shard].Shard.Queue.TryPost(work))
        {
            await Task.Delay(QueuePause, time).ConfigureAwait(false);
        }
    }
}
