using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Copying;

/// <summary>What the stream plane is given.</summary>
internal sealed class StreamServices
{
    /// <summary>The plan, read once per message.</summary>
    public required PlanReference Plan { get; init; }

    /// <summary>Where questions go that are to be forwarded: one for each shard, chosen by question so that identical ones meet.</summary>
    public required IReadOnlyList<IQueryForwarder> Forwarders { get; init; }

    /// <summary>Takes queries over that one question does not answer.</summary>
    public required DetourRunner Detours { get; init; }

    /// <summary>The clock of the process.</summary>
    public required MonotonicClock Clock { get; init; }

    /// <summary>The bounds.</summary>
    public required LimitOptions Limits { get; init; }

    /// <summary>The stream plane's counters, shared by its threads.</summary>
    public required TrafficCounters Counters { get; init; }

    /// <summary>What the buffers of streams are rented from.</summary>
    public required MemoryPool Memory { get; init; }

    /// <summary>The seed of the questions' hashes.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The log.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Adds the cookie that the query deserves and the network that was asked for to the OPT record at the end of a response; returns the new length.</summary>
    public int AddOptions(ReadOnlySpan<byte> query, in QueryView view, in FlowEndpoint client, uint subnet, Span<byte> response, int length)
        => AddCookie(query, view, client, response, subnet == 0 ? length : Plan.Current.Subnets.Append(subnet, isResponse: true, response, length));

    private int AddCookie(ReadOnlySpan<byte> query, in QueryView view, in FlowEndpoint client, Span<byte> response, int length)
        => view.OptionsLength > 0 && Plan.Current.Cookies is { } cookies ? cookies.Append(cookies.Read(query, view, client), client, response, length) : length;

    /// <summary>Has a response asked for again by the shard that holds it. When that has no time for it, the next who asks sees to it.</summary>
    public void Refresh(ForwardingPlan plan, in QueryContext context) => Forwarders[context.Holder].TryForward(new ForwardRequest
    {
        Message = context.Message.ToArray(),
        Flow = context.Flow,
        Group = plan.Groups[context.Target.Group],
        Partition = context.Target.Partition,
        IsRefresh = true,
        ReceivedAt = context.Now,
        Receiver = IgnoredResponse.Instance,
    });
}
