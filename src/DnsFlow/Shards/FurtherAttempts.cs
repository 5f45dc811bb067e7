using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// What follows a first attempt that has failed or takes its time: the service plane gets the question, to ask elsewhere or beside it, and what it brings is
/// weighed against what the first attempt brought or may still bring.
/// </summary>
internal sealed class FurtherAttempts(
    ShardServices services, ITransactionOwner owner, PendingTable pendingTable, TimerWheel timers, QuestionResults results, ResponseScrubber scrubber)
{
    private readonly TtlLimits _ttls = services.Cache.Limits;

    /// <summary>The first attempt takes its time: asks another server beside it, if the budget allows.</summary>
    public void TryHedge(int pending, long now)
    {
        ref var slot = ref pendingTable[pending];
        if (!slot.WasHedged && pendingTable.Group(pending).TryHedge(now))
        {
            slot.WasHedged = true;
            slot.State = PendingState.Hedged;
            StartTransaction(pending, UpstreamError.Slow, response: null);
        }

        timers.Set(pending, Math.Min(slot.AttemptEndsAt, slot.StaleAt));
    }

    /// <summary>The first attempt has failed, or must not be a datagram: hands the question over. Passed ones wait for their own client to ask again.</summary>
    public void TryElsewhere(int pending, UpstreamError failure, long now, byte[]? response = null)
    {
        ref var slot = ref pendingTable[pending];
        slot.State = PendingState.ServicePlane;
        timers.Set(pending, Math.Min(slot.Deadline, slot.StaleAt));
        if (slot.IsPassed)
        {
            return;
        }

        if (pendingTable.Transaction(pending) is not null)
        {
            if (slot.WasHedged && response is not null)
            {
                pendingTable.Consolation(pending) = new UpstreamResult(response, failure, pendingTable.Server(pending));
            }

            return;
        }

        if (slot.WasHedged && pendingTable.Consolation(pending) is { Response: not null } kept && failure != UpstreamError.Truncated)
        {
            OnTransaction(pendingTable.Token(pending), kept, now);      // the others have said their word, and nothing better came
            return;
        }

        StartTransaction(pending, failure, response);
    }

    /// <summary>The service plane is done with a question.</summary>
    public void OnTransaction(long token, in UpstreamResult result, long now)
    {
        var pending = pendingTable.FromToken(token);
        if (pending < 0)
        {
            services.Counters.Ignored(IgnoredReason.Late);
            return;
        }

        pendingTable.Transaction(pending) = null;
        ref var slot = ref pendingTable[pending];
        if (slot.WasHedged && result.Error != UpstreamError.None && TryGoOn(pending, result, now))
        {
            return;
        }

        if (result is { Response: { } response, Error: UpstreamError.None or UpstreamError.BadResponse }
            && scrubber.TryScrub(response, pendingTable.Question(pending), _ttls, out var scrubbed, slot.DnssecOk))
        {
            results.Complete(pending, scrubbed, now);
        }
        else
        {
            results.Fail(pending, result.Error == UpstreamError.None ? UpstreamError.BadResponse : result.Error, now);
        }
    }

    /// <summary>
    /// The others that a hedged question was sent to brought no good answer. The first attempt's may still come, or be had over TCP: SERVFAIL or REFUSED
    /// never beats it. False when there is nothing left to wait for.
    /// </summary>
    private bool TryGoOn(int pending, in UpstreamResult result, long now)
    {
        ref var slot = ref pendingTable[pending];
        ref var consolation = ref pendingTable.Consolation(pending);
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
            OnTransaction(pendingTable.Token(pending), kept, now);
            return true;
        }

        return false;
    }

    private void StartTransaction(int pending, UpstreamError failure, byte[]? response)
    {
        ref var slot = ref pendingTable[pending];
        var query = new byte[UpstreamQueryWriter.MaxLength];
        var length = UpstreamQueryWriter.Write(pendingTable.Question(pending), FirstAttempts.QueryFlags(slot.CheckingDisabled), slot.DnssecOk, query);
        query = query[..services.Plan.Current.Subnets.Append(slot.Partition, isResponse: false, query, length)];
        var transaction = new Transaction(
            owner, pendingTable.Token(pending), pendingTable.Group(pending), query, pendingTable.Server(pending), failure, slot.Deadline)
        {
            Response = response,
            EarlierPackets = slot.WasHedged && failure != UpstreamError.Slow ? 1 : 0,
        };
        pendingTable.Transaction(pending) = transaction;
        services.Resilience.Start(transaction);
    }
}
