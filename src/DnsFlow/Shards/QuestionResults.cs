using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>What comes of the questions in flight: a response, one past its time, or a failure is remembered and given to all who wait, and everything a question held is freed.</summary>
internal sealed class QuestionResults(
    ShardServices services, WaiterTable waiters, PendingTable pendingTable, TimerWheel timers, FirstAttempts attempts, WaiterResponder responder)
{
    private readonly StaleReader _stale = new(services.Cache);
    private readonly RefreshLimit _refreshes = new(services.Limits.InFlight);
    private readonly SubnetVariants _variants = new();
    private readonly byte[] _loweredName = new byte[WireName.MaxLength];

    /// <summary>When answers past their time are given.</summary>
    public FreshnessRules StaleRules => _stale.Rules;

    /// <summary>Takes a place in the group, and for a question of a client's network one among those for its name. Otherwise the bound that was reached.</summary>
    public ShedReason? TryEnter(in Question question)
    {
        if (!question.Group.TryEnter())
        {
            return ShedReason.GroupInFlight;
        }

        if (!SubnetTable.IsNetwork(question.Key.Partition) || _variants.TryBegin(question.Key.Name))
        {
            return null;
        }

        question.Group.Leave();
        return ShedReason.NameSubnets;
    }

    /// <summary>The same for a question of our own; <paramref name="keeper"/> is the waiter that stands for it.</summary>
    public bool TryEnterRefresh(in Question question, out int keeper)
    {
        keeper = -1;
        if (!_refreshes.TryBegin(pendingTable.Count, waiters.Count, question.Now))
        {
            return false;
        }

        keeper = waiters.Take(new WaiterSlot { Flow = WaiterSlot.Nobody }, question.View.Question(question.Message), request: null);
        if (keeper < 0 || TryEnter(question) is not null)
        {
            _refreshes.End();
            if (keeper >= 0)
            {
                waiters.Release(keeper);
            }

            return false;
        }

        return true;
    }

    /// <summary>The client's time is over (RFC 8767 section 5): gives what is stale to all who wait. True = the question goes on for the cache.</summary>
    public bool TryAnswerStale(int pending, long now)
    {
        ref var slot = ref pendingTable[pending];
        slot.StaleAt = long.MaxValue;
        if (_stale.TryRead(Key(pending), now, out var response))
        {
            slot.IsStale = true;
            var group = pendingTable.Group(pending);
            var keeper = waiters.Take(new WaiterSlot { Flow = WaiterSlot.Nobody }, pendingTable.Question(pending), request: null);
            GiveOut(keeper < 0 ? End(pending) : pendingTable.Detach(pending, keeper), response, QueryOutcome.Stale, group, now);
            if (keeper < 0)
            {
                return false;     // no place to wait on: whoever asks next begins anew
            }
        }

        return true;
    }

    /// <summary>Gives a waiter of its own what is stale; false when there is nothing.</summary>
    public bool TryGiveStale(int pending, int waiter, long now)
    {
        if (!_stale.TryRead(Key(pending), now, out var response))
        {
            return false;
        }

        responder.Respond(waiter, response, QueryOutcome.Stale, pendingTable.Group(pending), now);
        return true;
    }

    /// <summary>
    /// Gives a response to the cache and to all who wait. Every response of an upstream comes by here, first attempts and all others, before anybody has seen it: what
    /// will validate signatures stands at this door (docs/decisions/0014).
    /// </summary>
    public void Complete(int pending, in ScrubbedResponse response, long now)
    {
        ref var slot = ref pendingTable[pending];
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
                services.Cache.Store(services.Index, key, response, now);
            }
            else
            {
                services.Cache.StoreFailure(services.Index, key, response.Code, response.Error, now);
            }
        }

        var group = pendingTable.Group(pending);
        GiveOut(End(pending), response, isUsable ? QueryOutcome.Forwarded : QueryOutcome.Failed, group, now);
    }

    /// <summary>
    /// Nothing usable came: remembers it, and gives what is stale to all who wait. False = there is nothing, and nothing was done. What a validator
    /// rejected never comes here: the older answer is not better than none then.
    /// </summary>
    private bool TryFailStale(int pending, ResponseCode code, ExtendedErrorCode error, long now)
    {
        ref var slot = ref pendingTable[pending];
        if (slot.BypassCache || !_stale.TryRead(Key(pending), now, out var response))
        {
            return false;
        }

        services.Cache.StoreFailure(services.Index, Key(pending), code, error, now, hasStale: !slot.IsRefresh);
        var group = pendingTable.Group(pending);
        GiveOut(End(pending), response, QueryOutcome.Stale, group, now);
        return true;
    }

    /// <summary>Gives a passed flow its response as it is.</summary>
    public void Relay(int pending, ReadOnlySpan<byte> reply, long now) => responder.Relay(End(pending), reply, now);

    /// <summary>Nothing came: what is stale, or SERVFAIL, to all who wait.</summary>
    public void Fail(int pending, UpstreamError error, long now)
    {
        ref var slot = ref pendingTable[pending];
        var isPassed = slot.IsPassed;
        var extended = ExtendedErrors.Of(error);
        if (error is not (UpstreamError.Abandoned or UpstreamError.BudgetSpent) && TryFailStale(pending, ResponseCode.ServFail, extended, now))
        {
            return;
        }

        if (!slot.BypassCache && !isPassed && error is not (UpstreamError.Abandoned or UpstreamError.BudgetSpent))
        {
            services.Cache.StoreFailure(services.Index, Key(pending), ResponseCode.ServFail, extended, now);
        }

        var waiter = End(pending);
        while (waiter >= 0)
        {
            var next = waiters[waiter].Next;
            if (isPassed)
            {
                responder.Drop(waiter, QueryOutcome.Failed, now, services.Counters);
            }
            else
            {
                responder.RespondEmpty(waiter, ResponseCode.ServFail, extended, QueryOutcome.Failed, now);
            }

            waiter = next;
        }
    }

    private void GiveOut(int waiter, in ScrubbedResponse response, QueryOutcome outcome, UpstreamGroup group, long now)
    {
        while (waiter >= 0)
        {
            var next = waiters[waiter].Next;
            responder.Respond(waiter, response, outcome, group, now);
            waiter = next;
        }
    }

    /// <summary>The question is over: frees everything but its waiters, and returns the first of them.</summary>
    private int End(int pending)
    {
        var waiter = pendingTable[pending].FirstWaiter;
        if (pendingTable[pending].IsRefresh)
        {
            _refreshes.End();
        }

        if (SubnetTable.IsNetwork(pendingTable[pending].Partition))
        {
            _variants.End(Key(pending).Name);
        }

        timers.Clear(pending);
        attempts.Release(pending);
        pendingTable.Transaction(pending)?.Abandon();
        pendingTable.Group(pending).Leave();
        pendingTable.Remove(pending);
        return waiter;
    }

    private QuestionKey Key(int pending)
    {
        ref var slot = ref pendingTable[pending];
        var name = pendingTable.Question(pending)[..^4];
        WireName.ToLower(name, _loweredName);
        return new QuestionKey(
            _loweredName.AsSpan(0, name.Length), slot.Type, slot.Class, slot.DnssecOk, slot.CheckingDisabled, slot.Partition) { Hash = slot.KeyHash };
    }
}
