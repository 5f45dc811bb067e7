using System.Security.Cryptography;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// One data-plane loop: receive, decide, answer or forward, match replies, act on time-outs, send. Everything in it belongs to one thread;
/// between receive and send there is no lock, no task and no allocation. Tests call <see cref="RunOnce"/> on their own thread.
/// </summary>
internal sealed class Shard : IDisposable
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

    private void Unlisten(ForwardingPlan plan, ShardWork.Unlisten work, long now)
    {
        var socket = _listeners.Find(work.Address);
        if (socket < 0 || !_isListening)
        {
            work.OnClosed();
            return;
        }

        ReceiveQueries(plan, socket, now);      // what was sent before the change is answered
        _listeners.BeginClose(socket, work.OnClosed);
    }

    private void EndFlowsOf(int socket)
    {
        for (var flow = _flows.Oldest; flow >= 0;)
        {
            var next = _flows[flow].Newer;
            if (_flows[flow].Socket == socket)
            {
                _admission.End(flow, FlowCloseReason.ProviderStopped);
            }

            flow = next;
        }
    }

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
                _forwarder.OnRefused(socket, now);
                break;
            }

            _forwarder.OnReplies(socket, _in, count, now);
            received += count;
            if (count < BatchSize)
            {
                break;
            }
        }

        return received;
    }

    private void TakeWork(ForwardingPlan plan, long now)
    {
        for (var i = 0; i < 256 && Queue.TryDequeue(out var work); i++)
        {
            switch (work)
            {
                case ShardWork.TransactionDone done:
                    _forwarder.OnTransaction(done.Token, done.Result, now);
                    break;
                case ShardWork.LaneReplies replies:
                    _forwarder.OnLaneReplies(replies.Lane, replies.Batch.Messages, now);
                    replies.Lane.Return(replies.Batch);
                    break;
                case ShardWork.LaneClosed closed:
                    _forwarder.OnLaneClosed(closed.Lane, closed.Error, now);
                    break;
                case ShardWork.NetworkChanged change:
                    _forwarder.OnNetworkChanged(change.IsGone);
                    break;
                case ShardWork.StreamQuery query:
                    ForwardStreamQuery(query.Request, now);
                    break;
                case ShardWork.Held held:
                    _responder.Respond(held.Waiter, held.Response, now);
                    break;
                case ShardWork.Verdict verdict:
                    Settle(plan, verdict, now);
                    break;
                case ShardWork.FlowWrite write:
                    WriteToFlow(write, now);
                    break;
                case ShardWork.Listen listen:
                    Listen(listen.Socket, listen.Listener);
                    break;
                case ShardWork.Unlisten unlisten:
                    Unlisten(plan, unlisten, now);
                    break;
                case ShardWork.TurnOver turn:
                    _turningOver.Add(turn.OnDone);
                    break;
                case ShardWork.Task task:
                    _tasks.Add(task.Value);
                    break;
                case ShardWork.FlowEnd end when _flows[end.Flow].Id == end.FlowId:
                    _admission.End(end.Flow, end.Reason);
                    break;
            }
        }
    }

    private void AdvanceTasks()
    {
        for (var i = _tasks.Count - 1; i >= 0; i--)
        {
            if (_tasks[i].Advance(_admission, _services.Cache, _services.Index))
            {
                _tasks.RemoveAt(i);
            }
        }
    }

    private void ForwardStreamQuery(ForwardRequest request, long now)
    {
        Span<byte> lowered = stackalloc byte[WireName.MaxLength];
        var facts = request.Flow;
        var context = new QueryContext(request.Message, in facts, lowered, [], now) { Target = new ForwardTarget(0, request.Partition != 0 ? request.Partition : request.Group.Partition) };
        var question = new Question
        {
            Message = request.Message,
            View = context.Query,
            Key = context.Key(_services.Cache.Seed),
            Group = request.Group,
            BypassCache = request.BypassCache,
            Now = now,
        };
        if (request.IsRefresh)
        {
            _forwarder.Refresh(question);
            return;
        }

        var asker = new WaiterSlot { Flow = -1, ReceivedAt = request.ReceivedAt, Key = facts.Key, Client = ClientTable.Exempt };
        asker.Describe(context.Query, ushort.MaxValue);
        if (_forwarder.TryBegin(question, asker, request) is { } reason)
        {
            _services.Counters.Shed(reason);
            if (request.WantsReview)        // a client's: our own questions have their lines elsewhere
            {
                _services.Plan.Current.Engine.Log?.NoteShed(request.Message, facts, now, reason);
            }

            var response = new byte[context.Query.QuestionEnd + 32];
            var length = DnsResponses.WriteEmpty(request.Message, context.Query, ResponseCode.ServFail, response, ExtendedErrorCode.NetworkError);
            request.Receiver.Deliver(request, new ForwardedResponse(response[..length], QueryOutcome.Shed, ResponseCode.ServFail));
        }
    }

    private void Settle(ForwardingPlan plan, ShardWork.Verdict verdict, long now)
    {
        if (!_admission.TrySettle(verdict.Flow, verdict.FlowId, verdict.Value))
        {
            return;
        }

        var socket = _flows[verdict.Flow].Socket;
        foreach (var datagram in _parked.Settle(verdict.Flow, verdict.Value, plan.FlowHandler.UsesProxyCopier))
        {
            _copier.Copy(plan, _listeners[socket], socket, verdict.Flow, datagram.Payload.Span, now);
        }
    }

    private void WriteToFlow(ShardWork.FlowWrite write, long now)
    {
        ref var slot = ref _flows[write.Flow];
        if (slot.Id != write.FlowId)
        {
            _services.Counters.Ignored(IgnoredReason.Late);
            return;
        }

        var listener = _listeners[slot.Socket];
        write.Datagram.CopyTo(listener.NextBuffer());
        listener.CommitUncounted(write.Datagram.Length, slot.Facts.Key);
        _flows.Touch(write.Flow, now);
    }

    private void Flush()
    {
        _forwarder.Flush();
        _listeners.Flush();
    }
}
