using System.Security.Cryptography;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// One data-plane loop: receive, decide, answer or forward, match replies, act on time-outs, send. Everything in it belongs to one thread;
/// between receive and send there is no lock, no task and no allocation. Tests call <see cref="RunOnce"/> on their own thread.
/// </summary>
internal sealed partial class Shard : IDisposable
{
    private const int BatchSize = 32;
    private const int DatagramSize = 4096;
    private const int MaxUpstreamSockets = 256;

    private readonly ShardServices _services;
    private readonly IDatagramWaiter _waiter;
    private readonly ShardListeners _listeners;
    private readonly List<Action> _turningOver = [];
    private readonly List<IShardTask> _tasks = [];
    private readonly DatagramBatch _in = new(BatchSize, DatagramSize);
    private readonly int[] _ready = new int[MaxUpstreamSockets + ShardListeners.Capacity];
    private readonly FlowTable _flows;
    private readonly ClientTable _clients;
    private readonly FlowAdmission _admission;
    private readonly ParkedFlows _parked;
    private readonly WaiterTable _waiters;
    private readonly UpstreamSockets _sockets;
    private readonly WaiterResponder _responder;
    private readonly QuestionForwarder _forwarder;
    private readonly DatagramCopier _copier;
    private ForwardingPlan _plan;
    private bool _isListening;

    /// <summary>Makes a shard with its listener sockets, which it owns from now on.</summary>
    public Shard(ShardServices services, IReadOnlyList<(IDatagramSocket Socket, int Listener)> sockets)
    {
        _services = services;
        var limits = services.Limits;
        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        _waiter = services.Network.CreateWaiter();
        _listeners = new ShardListeners(_waiter);
        _plan = services.Plan.Current;
        Queue = new ShardQueue(limits.InFlight, _waiter);
        _flows = new FlowTable(limits.Flows, seed);
        _clients = new ClientTable(limits.PerClient, Math.Min(65_536, limits.Flows * 2), seed);
        _parked = new ParkedFlows(Queue);
        _admission = new FlowAdmission(services, _flows, _clients, _parked);
        _waiters = new WaiterTable(limits.InFlight);
        _sockets = new UpstreamSockets(services.Network, _waiter, ShardListeners.Capacity, MaxUpstreamSockets);
        _responder = new WaiterResponder(services, _waiters, _flows, _clients, _listeners, new AnswerReview(services, Queue, _waiters));
        _forwarder = new QuestionForwarder(services, Queue, _waiters, _responder, _sockets, new StreamLanes(services.Resilience.Connections?.Dialer, Queue));
        _copier = new DatagramCopier(services, _admission, _clients, _forwarder, _parked, new DatagramDetours(services, Queue, _waiters));
        foreach (var (socket, listener) in sockets)
        {
            Listen(socket, listener);
        }

        _forwarder.Follow(_plan, services.Clock.Now);
        _isListening = true;
    }

    /// <summary>Where other threads hand work over.</summary>
    public ShardQueue Queue { get; }

    /// <summary>Open flows. Any thread.</summary>
    public int FlowCount => _flows.Count;

    /// <summary>Queries in flight. Any thread.</summary>
    public int InFlight => _waiters.Count;

    /// <summary>Upstream sockets open. Any thread.</summary>
    public int UpstreamSocketCount => _sockets.Count;

    /// <summary>Octets of native tables. Any thread.</summary>
    public long TableBytes => _flows.Bytes + _forwarder.Bytes;

    /// <summary>Datagrams the kernel dropped at the listeners. Any thread.</summary>
    public long KernelDrops => _listeners.KernelDrops;

    /// <summary>Wakes the loop up. Any thread.</summary>
    public void Wake() => _waiter.Wake();

    /// <summary>One round: waits (at most so long; -1 = until something happens) and does everything there is to do.</summary>
    public void RunOnce(int maxWaitMilliseconds = -1)
    {
        var count = _waiter.Wait(_ready, WaitTime(maxWaitMilliseconds));
        var now = _services.Clock.Now;
        var plan = CurrentPlan();
        var received = 0;
        for (var i = 0; i < count; i++)
        {
            if (_ready[i] >= ShardListeners.Capacity)
            {
                received += ReceiveReplies(_ready[i] - ShardListeners.Capacity, now);
            }
            else if (_isListening)
            {
                received += ReceiveQueries(plan, _ready[i], now);
            }
        }

        TakeWork(plan, now);
        _forwarder.OnTime(now);
        _responder.Drain(now);
        Flush();
        if (_tasks.Count > 0)
        {
            AdvanceTasks();
        }

        if (_listeners.IsClosing)
        {
            _listeners.CloseFinished(EndFlowsOf);
        }

        if (_services.CoalesceMicroseconds > 0 && received is > 0 and < BatchSize / 2)
        {
            _waiter.Pause(_services.CoalesceMicroseconds);
        }
    }

    /// <summary>Takes what clients have already sent, then no more; what is in flight goes on.</summary>
    public void StopListening()
    {
        var now = _services.Clock.Now;
        for (var socket = 0; socket < _listeners.End; socket++)
        {
            if (_listeners.IsListening(socket))
            {
                ReceiveQueries(_services.Plan.Current, socket, now);
                _waiter.Remove(_listeners[socket].Socket);
            }
        }

        _isListening = false;
        Flush();
    }

    /// <summary>Ends everything: what is still in flight gets SERVFAIL, every flow is closed.</summary>
    public void End()
    {
        var now = _services.Clock.Now;
        TakeWork(_services.Plan.Current, now);
        _forwarder.FailAll(UpstreamError.Abandoned, now);
        _responder.Drain(now, all: true);
        Flush();
        CurrentPlan();
        _admission.EndAll(FlowCloseReason.ProviderStopped);
        while (_tasks.Count > 0)
        {
            AdvanceTasks();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _forwarder.Dispose();
        _listeners.Dispose();
        _waiter.Dispose();
        _in.Dispose();
        _waiters.Dispose();
        _flows.Dispose();
        _clients.Dispose();
    }

    private int WaitTime(int max)
    {
        var now = _services.Clock.Now;
        var wait = Earlier(Earlier(_forwarder.MillisecondsToNext(now), _responder.MillisecondsToNext(now)), _admission.Sweep(now));
        return Queue.Count > 0 || _turningOver.Count > 0 || _tasks.Count > 0 ? 0 : Earlier(wait, max);
    }

    /// <summary>The plan of this round. What is told of here: nothing of an earlier plan is in use on this thread any more.</summary>
    private ForwardingPlan CurrentPlan()
    {
        var plan = _services.Plan.Current;
        if (!ReferenceEquals(plan, _plan))
        {
            _plan = plan;
            _listeners.Label(plan);
            _sockets.RetireAll();
            _forwarder.Follow(plan, _services.Clock.Now);
        }

        if (_turningOver.Count > 0)
        {
            _turningOver.ForEach(static onDone => onDone());
            _turningOver.Clear();
        }

        return plan;
    }

    private void Listen(IDatagramSocket socket, int listener)
        => _listeners.Add(new ShardListener(socket, listener, _services.Counters, _services.Clock));

    private static int Earlier(int left, int right) => left < 0 ? right : right < 0 ? left : Math.Min(left, right);

    private int ReceiveQueries(ForwardingPlan plan, int socket, long now)
    {
        var listener = _listeners[socket];
        var received = 0;
        for (var round = 0; round < 4; round++)
        {
            var count = listener.Receive(_in, plan, out var left);
            _copier.Receive(plan, listener, socket, _in, left, now);
            received += count;
            if (count < BatchSize)
            {
                break;
            }
        }

        listener.Flush();
        return received;
    }

    private int ReceiveReplies(int socket, long now)
    {
        var received = 0;
        for (var round = 0; round < 4 && _sockets.IsOpen(socket); round++)
        {
            var count = _sockets[socket].Socket.Receive(_in);
            if (count < 0)
            {
                _forwarder.Datagrams.OnRefused(socket, now);
                break;
            }

            _forwarder.Datagrams.OnReplies(socket, _in, count, now);
            received += count;
            if (count < BatchSize)
            {
                break;
            }
        }

        return received;
    }

    private void Flush()
    {
        _forwarder.Flush();
        _listeners.Flush();
    }
}
