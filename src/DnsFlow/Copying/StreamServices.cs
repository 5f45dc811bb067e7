using DnsFlow.Limits;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Copying;

/// <summary>What the stream plane is given.</summary>
internal sealed class StreamServices
{
    private StreamQuestions? _questions;
    private LogPace? _lateMessages;

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

    /// <summary>How often the log says that clients leave messages incomplete.</summary>
    public LogPace LateMessages => _lateMessages ??= new LogPace(Clock.Time);

    /// <summary>What becomes of a question.</summary>
    public StreamQuestions Questions => _questions ??= new StreamQuestions(this);
}
