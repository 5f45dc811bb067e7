using DnsFlow.Limits;
using DnsFlow.Queries;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// The questions in flight of a shard: joins identical ones, makes the first attempt over UDP or by a lane, and acts on their times. A late answer to the first
/// attempt counts until the question's deadline.
/// </summary>
internal sealed class QuestionForwarder : IDisposable
{
    private readonly ShardServices _services;
    private readonly WaiterTable _waiters;
    private readonly PendingTable _pending;
    private readonly TimerWheel _timers;
    private readonly UpstreamSockets _sockets;
    private readonly QuestionResults _results;
    private readonly StreamLanes _lanes;
    private readonly FirstAttempts _attempts;
    private readonly FurtherAttempts _further;

    public QuestionForwarder(ShardServices services, ITransactionOwner owner, WaiterTable waiters, WaiterResponder responder, UpstreamSockets sockets, StreamLanes lanes)
    {
        _services = services;
        _waiters = waiters;
        _sockets = sockets;
        _lanes = lanes;
        _pending = new PendingTable(services.Limits.InFlight, waiters);
        _attempts = new FirstAttempts(_pending, sockets, lanes, services.Plan);
        _timers = new TimerWheel(services.Limits.InFlight, services.Clock.Now);
        _results = new QuestionResults(services, waiters, _pending, _timers, _attempts, responder);
        var scrubber = new ResponseScrubber();
        _further = new FurtherAttempts(services, owner, _pending, _timers, _results, scrubber);
        var replies = new FirstReplies(services, _pending, _attempts, _further, _results, scrubber);
        Datagrams = new DatagramReplies(
            services, _pending, sockets, _attempts, _further, replies, new ReplyBatch(_pending, waiters, responder.Flows, services.Cache, services.Index));
        Lanes = new LaneReplies(services, _pending, lanes, _attempts, _further, replies);
    }

    /// <summary>What comes on upstream sockets.</summary>
    public DatagramReplies Datagrams { get; }

    /// <summary>What comes by lanes.</summary>
    public LaneReplies Lanes { get; }

    /// <summary>Questions in flight.</summary>
    public int Count => _pending.Count;

    /// <summary>The tables' size in octets.</summary>
    public long Bytes => _pending.Bytes + _waiters.Bytes;

    /// <summary>Milliseconds until a time-out may be due; -1 = none is set.</summary>
    public int MillisecondsToNext(long now) => _timers.MillisecondsToNext(now);

    /// <summary>
    /// Takes a query over. Null: its asker gets a response later (or has it already). Otherwise the bound that was reached, and the caller
    /// answers.
    /// </summary>
    public ShedReason? TryBegin(in Question question, in WaiterSlot asker, ForwardRequest? request)
    {
        var waiter = _waiters.Take(asker, question.View.Question(question.Message), request);
        if (waiter < 0)
        {
            return ShedReason.InFlightFull;
        }

        var pending = question.IsPassed ? -1 : _pending.Find(question.Key, question.BypassCache);
        if (pending >= 0)
        {
            if (!_pending[pending].IsStale || !_results.TryGiveStale(pending, waiter, question.Now))
            {
                _pending.Join(pending, waiter);
            }

            return null;
        }

        if (_results.TryEnter(question) is { } reason)
        {
            _waiters.Release(waiter);
            return reason;
        }

        Begin(question, waiter, isRefresh: false);
        return null;
    }

    /// <summary>Asks for a response again before its time is over, for the cache alone; not when too much else is under way, or it failed just now.</summary>
    public void Refresh(in Question question)
    {
        if (_pending.Find(question.Key, bypassCache: false) < 0 && !_services.Cache.HasFailed(question.Key, question.Now))
        {
            var isBegun = _results.TryEnterRefresh(question, out var keeper);
            _services.Cache.CountPrefetch(_services.Index, isBegun);
            if (isBegun)
            {
                Begin(question, keeper, isRefresh: true);
            }
        }
    }

    /// <summary>Sends the queries that have gathered.</summary>
    public void Flush() => _attempts.Flush();

    /// <summary>Acts on every time-out that is due.</summary>
    public void OnTime(long now)
    {
        int pending;
        while ((pending = _timers.TakeDue(now)) >= 0)
        {
            ref var slot = ref _pending[pending];
            if (now >= slot.Deadline)
            {
                _results.Fail(pending, UpstreamError.Timeout, now);
            }
            else if (now >= slot.StaleAt)
            {
                if (_results.TryAnswerStale(pending, now))
                {
                    SetTimer(pending);
                }
            }
            else if (slot.State == PendingState.FirstAttempt && now < slot.AttemptEndsAt)
            {
                _further.TryHedge(pending, now);
            }
            else if (slot.IsFresh)
            {
                if (StreamLanes.IsLane(slot.Socket))
                {
                    _lanes.OnTimeout(slot.Socket, slot.SentAt);
                }

                _pending.Server(pending)!.Failed(UpstreamError.Timeout, now);
                _further.TryElsewhere(pending, UpstreamError.Timeout, now);
            }
            else
            {
                SetTimer(pending);
            }
        }
    }

    /// <summary>The service plane is done with a question.</summary>
    public void OnTransaction(long token, in UpstreamResult result, long now) => _further.OnTransaction(token, result, now);

    /// <summary>Another plan is in force: lanes to its servers are opened, those of other servers get no new questions.</summary>
    public void Follow(ForwardingPlan plan, long now) => _lanes.Follow(plan, now);

    /// <summary>The network is another one; see <see cref="StreamLanes.OnNetworkChanged"/>.</summary>
    public void OnNetworkChanged(Func<System.Net.IPAddress, bool> isGone) => _lanes.OnNetworkChanged(isGone);

    /// <summary>Ends every question at once: the proxy stops.</summary>
    public void FailAll(UpstreamError error, long now)
    {
        for (var pending = 0; pending < _pending.HighWater; pending++)
        {
            if (_pending[pending].State != PendingState.Free)
            {
                _results.Fail(pending, error, now);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sockets.Dispose();
        _lanes.Close();
        _pending.Dispose();
        _timers.Dispose();
        _attempts.Dispose();
    }

    private void Begin(in Question question, int waiter, bool isRefresh)
    {
        var deadline = question.Now + question.Group.BudgetMicroseconds;
        var pending = _pending.Add(question.Key, question.Group, waiter, deadline, question.BypassCache, question.IsPassed);
        ref var slot = ref _pending[pending];
        slot.IsRefresh = isRefresh;
        if (!question.BypassCache && _results.StaleRules.AnswerAfter != long.MaxValue)
        {
            slot.StaleAt = question.Now + _results.StaleRules.AnswerAfter;
        }

        StartFirstAttempt(pending, question);
    }

    private void StartFirstAttempt(int pending, in Question question)
    {
        var server = question.Group.ChooseFirst(new UpstreamQuestion(question.Key.Name, question.Now));
        if (question.Group.WantsProbing)
        {
            _services.Resilience.Prober.Watch(question.Group);
        }

        if (server is null)
        {
            _results.Fail(pending, UpstreamError.AllDown, question.Now);
            return;
        }

        _pending.Server(pending) = server;
        if (server.Health.IsDown && !question.BypassCache && _results.StaleRules.GivesStale)
        {
            _pending[pending].StaleAt = question.Now;       // it is asked whether it is back: nobody should wait for that
        }

        if (!server.UsesDatagrams && !TrySendOverStream(pending, question, server))
        {
            return;
        }

        if (server.UsesDatagrams && !_attempts.TrySend(pending, question, server))
        {
            // No route or no descriptor here: that says nothing about the server.
            server.Health.Released(question.Now);
            _further.TryElsewhere(pending, UpstreamError.Unreachable, question.Now);
            return;
        }

        ref var slot = ref _pending[pending];
        slot.SentAt = question.Now;
        slot.AttemptEndsAt = Math.Min(slot.Deadline, question.Now + AttemptTime(pending, server));
        var patience = question.IsPassed ? long.MaxValue : question.Group.Patience(server);
        if (patience == 0)
        {
            _further.TryHedge(pending, question.Now);
        }
        else
        {
            var first = patience < slot.AttemptEndsAt - question.Now ? question.Now + patience : slot.AttemptEndsAt;
            _timers.Set(pending, Math.Min(first, slot.StaleAt));
        }
    }

    /// <summary>Sets the time at which a question that goes on is looked at again.</summary>
    private void SetTimer(int pending)
    {
        ref var slot = ref _pending[pending];
        var next = !slot.IsFresh ? slot.Deadline : slot.AttemptEndsAt;
        if (slot is { State: PendingState.FirstAttempt, WasHedged: false, IsPassed: false } && _pending.Group(pending).Patience(_pending.Server(pending)!) is var patience
            && patience < next - slot.SentAt)
        {
            next = slot.SentAt + patience;
        }

        _timers.Set(pending, Math.Min(next, slot.StaleAt));
    }

    /// <summary>Asks over a stream. False when that is done by the service plane, which has the question then.</summary>
    private bool TrySendOverStream(int pending, in Question question, Upstream server)
    {
        var failure = UpstreamError.None;
        if (!question.IsPassed && _lanes.Serves(server))
        {
            if (_attempts.TrySendByLane(pending, question, server, out failure))
            {
                return true;
            }

            if (failure == UpstreamError.None)
            {
                server.Statistics.CountLanesFull();
            }
            else
            {
                server.Sent();
                server.Failed(failure, question.Now);
            }
        }

        _further.TryElsewhere(pending, failure, question.Now);
        return false;
    }

    /// <summary>How long the first attempt has: longer when a connection must be opened first.</summary>
    private long AttemptTime(int pending, Upstream server)
        => StreamLanes.IsLane(_pending[pending].Socket) && !_lanes[_pending[pending].Socket].Lane.IsReady ? server.Health.ConnectingTime : server.AttemptTimeout;
}
