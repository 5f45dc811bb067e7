using DnsFlow.Limits;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// The questions in flight of a shard: joins identical ones, makes the first attempt over UDP or by a lane, matches replies, hands what failed to the service
/// plane, and gives results to the waiters. A late answer to the first attempt counts until the question's deadline.
/// </summary>
internal sealed partial class QuestionForwarder : IDisposable
{
    private readonly ShardServices _services;
    private readonly ITransactionOwner _owner;
    private readonly WaiterTable _waiters;
    private readonly PendingTable _pending;
    private readonly TimerWheel _timers;
    private readonly UpstreamSockets _sockets;
    private readonly ResponseScrubber _scrubber = new();
    private readonly TtlLimits _ttls;
    private readonly QuestionResults _results;
    private readonly StreamLanes _lanes;
    private readonly FirstAttempts _attempts;
    private readonly ReplyBatch _replies;
    private readonly byte[] _asked = new byte[WaiterTable.QuestionSize];

    public QuestionForwarder(ShardServices services, ITransactionOwner owner, WaiterTable waiters, WaiterResponder responder, UpstreamSockets sockets, StreamLanes lanes)
    {
        _services = services;
        _owner = owner;
        _waiters = waiters;
        _sockets = sockets;
        _lanes = lanes;
        _pending = new PendingTable(services.Limits.InFlight, waiters);
        _attempts = new FirstAttempts(_pending, sockets, lanes, services.Plan);
        _timers = new TimerWheel(services.Limits.InFlight, services.Clock.Now);
        _results = new QuestionResults(services, waiters, _pending, _timers, _attempts, responder);
        _replies = new ReplyBatch(_pending, waiters, responder.Flows, services.Cache, services.Index);
        _ttls = services.Cache.Limits;
    }

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
                TryHedge(pending, now);
            }
            else if (IsFresh(slot))
            {
                if (StreamLanes.IsLane(slot.Socket))
                {
                    _lanes.OnTimeout(slot.Socket, slot.SentAt);
                }

                _pending.Server(pending)!.Failed(UpstreamError.Timeout, now);
                TryElsewhere(pending, UpstreamError.Timeout, now);
            }
            else
            {
                SetTimer(pending);
            }
        }
    }

    /// <summary>The service plane is done with a question.</summary>
    public void OnTransaction(long token, in UpstreamResult result, long now)
    {
        var pending = _pending.FromToken(token);
        if (pending < 0)
        {
            _services.Counters.Ignored(IgnoredReason.Late);
            return;
        }

        _pending.Transaction(pending) = null;
        ref var slot = ref _pending[pending];
        if (slot.WasHedged && result.Error != UpstreamError.None && TryGoOn(pending, result, now))
        {
            return;
        }

        if (result is { Response: { } response, Error: UpstreamError.None or UpstreamError.BadResponse }
            && _scrubber.TryScrub(response, _pending.Question(pending), _ttls, out var scrubbed, _pending[pending].DnssecOk))
        {
            _results.Complete(pending, scrubbed, now);
        }
        else
        {
            _results.Fail(pending, result.Error == UpstreamError.None ? UpstreamError.BadResponse : result.Error, now);
        }
    }

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
            TryElsewhere(pending, UpstreamError.Unreachable, question.Now);
            return;
        }

        ref var slot = ref _pending[pending];
        slot.SentAt = question.Now;
        slot.AttemptEndsAt = Math.Min(slot.Deadline, question.Now + AttemptTime(pending, server));
        var patience = question.IsPassed ? long.MaxValue : question.Group.Patience(server);
        if (patience == 0)
        {
            TryHedge(pending, question.Now);
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
        var next = !IsFresh(slot) ? slot.Deadline : slot.AttemptEndsAt;
        if (slot is { State: PendingState.FirstAttempt, WasHedged: false, IsPassed: false } && _pending.Group(pending).Patience(_pending.Server(pending)!) is var patience
            && patience < next - slot.SentAt)
        {
            next = slot.SentAt + patience;
        }

        _timers.Set(pending, Math.Min(next, slot.StaleAt));
    }

    private static bool IsFresh(in PendingSlot slot) => slot.State is PendingState.FirstAttempt or PendingState.Hedged;

    /// <summary>The first attempt takes its time: asks another server beside it, if the budget allows.</summary>
    private void TryHedge(int pending, long now)
    {
        ref var slot = ref _pending[pending];
        if (!slot.WasHedged && _pending.Group(pending).TryHedge(now))
        {
            slot.WasHedged = true;
            slot.State = PendingState.Hedged;
            StartTransaction(pending, UpstreamError.Slow, response: null);
        }

        _timers.Set(pending, Math.Min(slot.AttemptEndsAt, slot.StaleAt));
    }

    /// <summary>
    /// The others that a hedged question was sent to brought no good answer. The first attempt's may still come, or be had over TCP: SERVFAIL or REFUSED
    /// never beats it. False when there is nothing left to wait for.
    /// </summary>
    private bool TryGoOn(int pending, in UpstreamResult result, long now)
    {
        ref var slot = ref _pending[pending];
        ref var consolation = ref _pending.Consolation(pending);
        if (slot.State == PendingState.Hedged)
        {
            consolation = result;
            slot.State = PendingState.FirstAttempt;
            return true;
        }

        if (consolation.Error == UpstreamError.Truncated)
        {
            var cut = consolation.Response;
            consolation = default;
            TryElsewhere(pending, UpstreamError.Truncated, now, cut);
            return true;
        }

        if (result.Response is null && consolation.Response is not null)
        {
            var kept = consolation;
            consolation = default;
            OnTransaction(_pending.Token(pending), kept, now);
            return true;
        }

        return false;
    }

    /// <summary>Hands a question to the service plane. Passed ones wait for their own client to ask again.</summary>
    private void TryElsewhere(int pending, UpstreamError failure, long now, byte[]? response = null)
    {
        ref var slot = ref _pending[pending];
        slot.State = PendingState.ServicePlane;
        _timers.Set(pending, Math.Min(slot.Deadline, slot.StaleAt));
        if (slot.IsPassed)
        {
            return;
        }

        if (_pending.Transaction(pending) is not null)
        {
            if (slot.WasHedged && response is not null)
            {
                _pending.Consolation(pending) = new UpstreamResult(response, failure, _pending.Server(pending));
            }

            return;
        }

        if (slot.WasHedged && _pending.Consolation(pending) is { Response: not null } kept && failure != UpstreamError.Truncated)
        {
            OnTransaction(_pending.Token(pending), kept, now);      // the others have said their word, and nothing better came
            return;
        }

        StartTransaction(pending, failure, response);
    }

    private void StartTransaction(int pending, UpstreamError failure, byte[]? response)
    {
        ref var slot = ref _pending[pending];
        var query = new byte[UpstreamQueryWriter.MaxLength];
        var length = UpstreamQueryWriter.Write(_pending.Question(pending), FirstAttempts.QueryFlags(slot.CheckingDisabled), slot.DnssecOk, query);
        query = query[.._services.Plan.Current.Subnets.Append(slot.Partition, isResponse: false, query, length)];
        var transaction = new Transaction(
            _owner, _pending.Token(pending), _pending.Group(pending), query, _pending.Server(pending), failure, slot.Deadline)
        {
            Response = response,
            EarlierPackets = slot.WasHedged && failure != UpstreamError.Slow ? 1 : 0,
        };
        _pending.Transaction(pending) = transaction;
        _services.Resilience.Start(transaction);
    }
}
