using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// The questions in flight of a shard: joins identical ones, makes the first attempt over UDP or by a lane, matches replies, hands what failed to the service
/// plane, and gives results to the waiters. A late answer to the first attempt counts until the question's deadline.
/// </summary>
internal sealed partial class QuestionForwarder : IDisposable
{
    private const int MaxMismatches = 20;

    private readonly ShardServices _services;
    private readonly ITransactionOwner _owner;
    private readonly WaiterTable _waiters;
    private readonly PendingTable _pending;
    private readonly TimerWheel _timers;
    private readonly UpstreamSockets _sockets;
    private readonly WaiterResponder _responder;
    private readonly ResponseScrubber _scrubber = new();
    private readonly TtlLimits _ttls;
    private readonly StreamLanes _lanes;
    private readonly FirstAttempts _attempts;
    private readonly ReplyBatch _replies;
    private readonly StaleReader _stale;
    private readonly RefreshLimit _refreshes;
    private readonly SubnetVariants _variants = new();
    private readonly byte[] _loweredName = new byte[WireName.MaxLength];
    private readonly byte[] _asked = new byte[WaiterTable.QuestionSize];

    public QuestionForwarder(ShardServices services, ITransactionOwner owner, WaiterTable waiters, WaiterResponder responder, UpstreamSockets sockets, StreamLanes lanes)
    {
        _services = services;
        _owner = owner;
        _waiters = waiters;
        _responder = responder;
        _sockets = sockets;
        _lanes = lanes;
        _pending = new PendingTable(services.Limits.InFlight, waiters);
        _attempts = new FirstAttempts(_pending, sockets, lanes, services.Plan);
        _timers = new TimerWheel(services.Limits.InFlight, services.Clock.Now);
        _replies = new ReplyBatch(_pending, waiters, responder.Flows, services.Cache, services.Index);
        _ttls = services.Cache.Limits;
        _stale = new StaleReader(services.Cache);
        _refreshes = new RefreshLimit(services.Limits.InFlight);
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
            if (!_pending[pending].IsStale || !TryGiveStale(pending, waiter, question.Now))
            {
                _pending.Join(pending, waiter);
            }

            return null;
        }

        if (!TryEnter(question))
        {
            _waiters.Release(waiter);
            return ShedReason.GroupInFlight;
        }

        Begin(question, waiter, isRefresh: false);
        return null;
    }

    /// <summary>Asks for a response again before its time is over, for the cache alone; not when too much else is under way, or it failed just now.</summary>
    public void Refresh(in Question question)
    {
        if (_pending.Find(question.Key, bypassCache: false) < 0 && !_services.Cache.HasFailed(question.Key, question.Now))
        {
            _services.Cache.CountPrefetch(_services.Index, TryBeginRefresh(question));
        }
    }

    /// <summary>Sends the queries that have gathered.</summary>
    public void Flush() => _attempts.Flush();

    /// <summary>Datagrams came on an upstream socket.</summary>
    public void OnReplies(int socket, DatagramBatch batch, int count, long now)
    {
        if (count > 1)
        {
            _replies.Prefetch(socket, batch, count);
        }

        for (var i = 0; i < count && _sockets.IsOpen(socket); i++)
        {
            OnReply(socket, batch.Payload(i), batch[i].IsCut, now);
        }
    }

    /// <summary>The server behind a socket refused (ICMP): what was asked there has failed.</summary>
    public void OnRefused(int socket, long now)
    {
        // All questions are looked at: that is rare, and every socket would have to list its own otherwise.
        var server = _sockets[socket].Server;
        for (var pending = 0; pending < _pending.HighWater; pending++)
        {
            if (_pending[pending] is { State: PendingState.FirstAttempt or PendingState.Hedged } slot && slot.Socket == socket)
            {
                server.Failed(UpstreamError.Refused, now);
                TryElsewhere(pending, UpstreamError.Refused, now);
            }
        }
    }

    /// <summary>Acts on every time-out that is due.</summary>
    public void OnTime(long now)
    {
        int pending;
        while ((pending = _timers.TakeDue(now)) >= 0)
        {
            ref var slot = ref _pending[pending];
            if (now >= slot.Deadline)
            {
                Fail(pending, UpstreamError.Timeout, now);
            }
            else if (now >= slot.StaleAt)
            {
                AnswerStale(pending, now);
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
            Complete(pending, scrubbed, now);
        }
        else
        {
            Fail(pending, result.Error == UpstreamError.None ? UpstreamError.BadResponse : result.Error, now);
        }
    }

    /// <summary>Ends every question at once: the proxy stops.</summary>
    public void FailAll(UpstreamError error, long now)
    {
        for (var pending = 0; pending < _pending.HighWater; pending++)
        {
            if (_pending[pending].State != PendingState.Free)
            {
                Fail(pending, error, now);
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
        if (!question.BypassCache && _stale.Rules.AnswerAfter != long.MaxValue)
        {
            slot.StaleAt = question.Now + _stale.Rules.AnswerAfter;
        }

        StartFirstAttempt(pending, question);
    }

    private bool TryEnter(in Question question)
    {
        if (!question.Group.TryEnter())
        {
            return false;
        }

        if (!SubnetTable.IsNetwork(question.Key.Partition) || _variants.TryBegin(question.Key.Name))
        {
            return true;
        }

        question.Group.Leave();
        return false;
    }

    private bool TryBeginRefresh(in Question question)
    {
        if (!_refreshes.TryBegin(_pending.Count, _waiters.Count, question.Now))
        {
            return false;
        }

        var keeper = _waiters.Take(new WaiterSlot { Flow = WaiterSlot.Nobody }, question.View.Question(question.Message), request: null);
        if (keeper < 0 || !TryEnter(question))
        {
            _refreshes.End();
            if (keeper >= 0)
            {
                _waiters.Release(keeper);
            }

            return false;
        }

        Begin(question, keeper, isRefresh: true);
        return true;
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
            Fail(pending, UpstreamError.AllDown, question.Now);
            return;
        }

        _pending.Server(pending) = server;
        if (server.Health.IsDown && !question.BypassCache && _stale.Rules.GivesStale)
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

    /// <summary>The client's time is over (RFC 8767 section 5): gives what is stale to all who wait; the question goes on for the cache.</summary>
    private void AnswerStale(int pending, long now)
    {
        ref var slot = ref _pending[pending];
        slot.StaleAt = long.MaxValue;
        if (_stale.TryRead(Key(pending), now, out var response))
        {
            slot.IsStale = true;
            var group = _pending.Group(pending);
            var keeper = _waiters.Take(new WaiterSlot { Flow = WaiterSlot.Nobody }, _pending.Question(pending), request: null);
            GiveOut(keeper < 0 ? End(pending) : _pending.Detach(pending, keeper), response, QueryOutcome.Stale, group, now);
            if (keeper < 0)
            {
                return;     // no place to wait on: whoever asks next begins anew
            }
        }

        SetTimer(pending);
    }

    private bool TryGiveStale(int pending, int waiter, long now)
    {
        if (!_stale.TryRead(Key(pending), now, out var response))
        {
            return false;
        }

        _responder.Respond(waiter, response, QueryOutcome.Stale, _pending.Group(pending), now);
        return true;
    }

    private void GiveOut(int waiter, in ScrubbedResponse response, QueryOutcome outcome, UpstreamGroup group, long now)
    {
        while (waiter >= 0)
        {
            var next = _waiters[waiter].Next;
            _responder.Respond(waiter, response, outcome, group, now);
            waiter = next;
        }
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

    private void OnReply(int socket, ReadOnlySpan<byte> reply, bool isCut, long now)
    {
        if (!DnsHeader.TryRead(reply, out var header))
        {
            _services.Counters.Ignored(IgnoredReason.MalformedReply);
            return;
        }

        var pending = _pending.FindReply(socket, header.Id);
        if (pending < 0)
        {
            _sockets[socket].Server.Statistics.CountMismatch();
            _services.Counters.Ignored(IgnoredReason.MismatchedReply);
            return;
        }

        var asked = _attempts.Asked(pending, _asked);
        switch (ReplyMatcher.Match(reply, header.Id, asked))
        {
            case ReplyMatch.Match when !_attempts.AcceptsOptions(pending, reply):
                OnMismatch(pending, now);
                break;
            case ReplyMatch.Match:
                OnMatch(pending, reply, header, isCut, now);
                break;
            case ReplyMatch.Malformed:
                _services.Counters.Ignored(IgnoredReason.MalformedReply);
                break;
            default:
                OnMismatch(pending, now);
                if (_pending[pending].CaseSeed != 0 && IsInOtherCase(reply, asked))
                {
                    OnOtherCase(pending, now);
                }

                break;
        }
    }

    private static bool IsInOtherCase(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> asked)
        => reply.Length >= DnsHeader.Size + asked.Length && WireName.EqualsIgnoreCase(reply.Slice(DnsHeader.Size, asked.Length - 4), asked[..^4]);

    /// <summary>A server that does not repeat the letter case, or somebody who guessed all but that: no datagram is believed for this question any more.</summary>
    private void OnOtherCase(int pending, long now)
    {
        _pending.Server(pending)!.NoteCase(isRight: false);
        if (IsFresh(_pending[pending]))
        {
            _attempts.Release(pending);
            TryElsewhere(pending, UpstreamError.Truncated, now);
        }
    }

    private void OnMatch(int pending, ReadOnlySpan<byte> reply, in DnsHeader header, bool isCut, long now)
    {
        ref var slot = ref _pending[pending];
        var server = _pending.Server(pending)!;
        if (slot.IsPassed)
        {
            CountSuccess(pending, now);
            Finish(pending, reply, now);
            return;
        }

        if (slot.CaseSeed != 0)
        {
            server.NoteCase(isRight: true);
        }

        // BADCOOKIE brought the cookie for the next question; this one goes on over TCP, where none is needed (RFC 7873 section 5.3).
        if (header.IsTruncated || isCut || (_pending.Group(pending).Options.Cookies && UpstreamCookies.IsBadCookie(reply, header)))
        {
            CountSuccess(pending, now);
            TryElsewhere(pending, UpstreamError.Truncated, now, reply.ToArray());
            return;
        }

        if (header.ResponseCode is not (ResponseCode.NoError or ResponseCode.NXDomain))
        {
            if (IsFresh(slot))
            {
                server.Failed(UpstreamError.BadResponse, now);
            }

            if (_pending.Group(pending).Servers.Length > 1)
            {
                TryElsewhere(pending, UpstreamError.BadResponse, now, reply.ToArray());
                return;
            }
        }

        if (!_scrubber.TryScrub(reply, _pending.Question(pending), _ttls, out var scrubbed, _pending[pending].DnssecOk))
        {
            _services.Counters.Ignored(IgnoredReason.MalformedReply);
            return;
        }

        if (header.ResponseCode is ResponseCode.NoError or ResponseCode.NXDomain)
        {
            CountSuccess(pending, now);
        }

        Complete(pending, scrubbed, now);
    }

    private void CountSuccess(int pending, long now)
    {
        ref var slot = ref _pending[pending];
        if (IsFresh(slot))
        {
            _pending.Server(pending)!.Succeeded(now - slot.SentAt, now);
        }
        else
        {
            _pending.Server(pending)!.SucceededLate(now - slot.SentAt);     // the attempt was counted as failed when its time was over
        }
    }

    private void OnMismatch(int pending, long now)
    {
        var server = _pending.Server(pending)!;
        server.Statistics.CountMismatch();
        _services.Counters.Ignored(IgnoredReason.MismatchedReply);
        ref var slot = ref _pending[pending];
        if (++slot.Mismatches >= MaxMismatches && IsFresh(slot) && !slot.IsPassed)
        {
            // Somebody guesses at this question: nothing that comes by UDP is believed for it any more. It is not the server's doing.
            server.Failed(UpstreamError.Spoofed, now);
            _attempts.Release(pending);
            TryElsewhere(pending, UpstreamError.Spoofed, now);
        }
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

    /// <summary>
    /// Gives a response to the cache and to all who wait. Every response of an upstream comes by here, first attempts and all others, before anybody has seen it: what
    /// will validate signatures stands at this door (docs/decisions/0014).
    /// </summary>
    private void Complete(int pending, in ScrubbedResponse response, long now)
    {
        ref var slot = ref _pending[pending];
        var isUsable = response.Code is ResponseCode.NoError or ResponseCode.NXDomain;
        if (!isUsable && !CacheEntry.IsValidation(response.Error) && TryFailStale(pending, response.Code, response.Error, now))
        {
            return;
        }

        if (!slot.BypassCache)
        {
            var key = Key(pending);
            if (isUsable)
            {
                _services.Cache.Store(_services.Index, key, response, now);
            }
            else
            {
                _services.Cache.StoreFailure(_services.Index, key, response.Code, response.Error, now);
            }
        }

        var group = _pending.Group(pending);
        GiveOut(End(pending), response, isUsable ? QueryOutcome.Forwarded : QueryOutcome.Failed, group, now);
    }

    /// <summary>
    /// Nothing usable came: remembers it, and gives what is stale to all who wait. False = there is nothing, and nothing was done. What a validator
    /// rejected never comes here: the older answer is not better than none then.
    /// </summary>
    private bool TryFailStale(int pending, ResponseCode code, ExtendedErrorCode error, long now)
    {
        ref var slot = ref _pending[pending];
        if (slot.BypassCache || !_stale.TryRead(Key(pending), now, out var response))
        {
            return false;
        }

        _services.Cache.StoreFailure(_services.Index, Key(pending), code, error, now, hasStale: !slot.IsRefresh);
        var group = _pending.Group(pending);
        GiveOut(End(pending), response, QueryOutcome.Stale, group, now);
        return true;
    }

    private void Finish(int pending, ReadOnlySpan<byte> reply, long now) => _responder.Relay(End(pending), reply, now);

    private void Fail(int pending, UpstreamError error, long now)
    {
        ref var slot = ref _pending[pending];
        var isPassed = slot.IsPassed;
        var extended = ExtendedErrors.Of(error);
        if (error is not (UpstreamError.Abandoned or UpstreamError.BudgetSpent) && TryFailStale(pending, ResponseCode.ServFail, extended, now))
        {
            return;
        }

        if (!slot.BypassCache && !isPassed && error is not (UpstreamError.Abandoned or UpstreamError.BudgetSpent))
        {
            _services.Cache.StoreFailure(_services.Index, Key(pending), ResponseCode.ServFail, extended, now);
        }

        var waiter = End(pending);
        while (waiter >= 0)
        {
            var next = _waiters[waiter].Next;
            if (isPassed)
            {
                _responder.Drop(waiter, QueryOutcome.Failed, now, _services.Counters);
            }
            else
            {
                _responder.RespondEmpty(waiter, ResponseCode.ServFail, extended, QueryOutcome.Failed, now);
            }

            waiter = next;
        }
    }

    /// <summary>The question is over: frees everything but its waiters, and returns the first of them.</summary>
    private int End(int pending)
    {
        var waiter = _pending[pending].FirstWaiter;
        if (_pending[pending].IsRefresh)
        {
            _refreshes.End();
        }

        if (SubnetTable.IsNetwork(_pending[pending].Partition))
        {
            _variants.End(Key(pending).Name);
        }

        _timers.Clear(pending);
        _attempts.Release(pending);
        _pending.Transaction(pending)?.Abandon();
        _pending.Group(pending).Leave();
        _pending.Remove(pending);
        return waiter;
    }

    private QuestionKey Key(int pending)
    {
        ref var slot = ref _pending[pending];
        var name = _pending.Question(pending)[..^4];
        WireName.ToLower(name, _loweredName);
        return new QuestionKey(
            _loweredName.AsSpan(0, name.Length), slot.Type, slot.Class, slot.DnssecOk, slot.CheckingDisabled, slot.Partition) { Hash = slot.KeyHash };
    }
}
