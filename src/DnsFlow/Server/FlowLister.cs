using System.Globalization;
using DnsFlow.Copying;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Shards;
using DnsFlow.Telemetry;

namespace DnsFlow.Server;

/// <summary>Lists the flows of both planes, and ends one of them.</summary>
internal sealed class FlowLister(DatagramPlane datagrams, StreamPlane streams, MonotonicClock clock, PrivacyLevel privacy)
{
    /// <summary>The most flows that are listed.</summary>
    public const int MaxFlows = 1_000;

    /// <summary>The flows, those that were active last in front.</summary>
    public async Task<IReadOnlyList<FlowReport>> ListAsync(ProxyPlan plan, IReadOnlyList<string> listeners, CancellationToken cancellationToken)
    {
        var listings = await datagrams.RunAsync(static () => new FlowListing(MaxFlows)).ConfigureAwait(false);
        var slots = await Task.WhenAll(listings.Select(static listing => listing.Flows)).WaitAsync(cancellationToken).ConfigureAwait(false);
        var now = clock.Now;
        var rows = slots.SelectMany(static shard => shard).Select(slot => (slot.LastActive, slot.Facts, Report: Describe(slot, now, plan, listeners)))
            .Concat(streams.List().Select(view => (LastActive: view.LastActive ?? view.OpenedAt, view.Flow.Facts, Report: Describe(view, now, plan, listeners))))
            .OrderByDescending(static row => row.LastActive).Take(MaxFlows).ToList();
        var processes = privacy == PrivacyLevel.Counts ? new Dictionary<FlowKey, string>() : new LocalProcesses().Find([.. rows.Select(static row => row.Facts.Key)], cancellationToken);
        return [.. rows.Select(row => row.Report with { Process = processes.GetValueOrDefault(row.Facts.Key) })];
    }

    /// <summary>Ends a flow at once, whatever is in flight on it; false when there is none of this id.</summary>
    public async Task<bool> CloseAsync(string id, CancellationToken cancellationToken)
    {
        if (!long.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (streams.TryClose(number))
        {
            return true;
        }

        var closings = await datagrams.RunAsync(() => new FlowClosing(number)).ConfigureAwait(false);
        var closed = await Task.WhenAll(closings.Select(static closing => closing.Closed)).WaitAsync(cancellationToken).ConfigureAwait(false);
        return closed.Contains(true);
    }

    private FlowReport Describe(FlowSlot slot, long now, ProxyPlan plan, IReadOnlyList<string> listeners) => Describe(
        slot.Id, slot.Facts, slot.State, slot.State == FlowState.Closed ? null : slot.Verdict, plan, listeners) with
    {
        AgeSeconds = (now / MonotonicClock.Second) - slot.OpenedAt, IdleSeconds = (now - slot.LastActive) / MonotonicClock.Second, InFlight = slot.InFlight,
        LastCode = slot.LastAnswer.Code?.ToText(), LastOutcome = Word(slot.LastAnswer.Outcome),
    };

    private FlowReport Describe(StreamFlowView view, long now, ProxyPlan plan, IReadOnlyList<string> listeners) => Describe(
        view.Flow.Id, view.Flow.Facts, view.Flow.State, view.Flow.Verdict, plan, listeners) with
    {
        AgeSeconds = (now - view.OpenedAt) / MonotonicClock.Second, IdleSeconds = (now - view.LastActive) / MonotonicClock.Second, InFlight = view.InFlight,
        QueuedBytes = view.Unsent, LastCode = view.LastAnswer.Code?.ToText(), LastOutcome = Word(view.LastAnswer.Outcome),
    };

    private FlowReport Describe(long id, FlowFacts facts, FlowState state, FlowVerdict? verdict, ProxyPlan plan, IReadOnlyList<string> listeners) => new(
        id.ToString("x4", CultureInfo.InvariantCulture), Client(facts.Client), facts.Key.Remote.ToString(),
        (uint)facts.Listener < (uint)listeners.Count ? listeners[facts.Listener] : "", Word(facts.Transport), Word(state), verdict is { } given ? Word(given) : null,
        plan.FlowRules.Rules[plan.FlowRules.Decide(facts, plan.FlowRules.Schedules.ActiveNow()).Rule].Name, 0, null, 0);

    private string Client(FlowEndpoint client) => privacy switch
    {
        PrivacyLevel.Full => client.ToString(),
        _ => privacy.Client(client)?.ToAddress().ToString() ?? "-",
    };

    private static string? Word(QueryOutcome? outcome) => outcome is { } given ? Word(given) : null;

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
