using DnsFlow.Limits;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Upstreams;

/// <summary>
/// Runs detours on the service plane, a bounded number at once, and gives each query its response, exactly once. The answer rules see what a detour brings; one they
/// begin themselves ends there.
/// </summary>
internal sealed partial class DetourRunner(MonotonicClock clock, ulong seed, ILogger logger)
{
    /// <summary>Queries on detours at once; further ones are turned away.</summary>
    public const int MaxRunning = 4_096;

    private int _running;
    private long _shed;

    /// <summary>The clock.</summary>
    public MonotonicClock Clock { get; } = clock;

    /// <summary>The seed of the questions' hashes.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>Where questions go that are to be forwarded; empty before the shards have begun.</summary>
    public IReadOnlyList<IQueryForwarder> Forwarders { get; set; } = [];

    /// <summary>Queries on detours.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Queries that were turned away.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>The mirrored questions.</summary>
    public MirroredQuestions Mirrored { get; } = new();

    /// <summary>Takes a query over; its receiver gets the response later. <paramref name="isReviewed"/>: an answer rule sends it.</summary>
    public void Start(ForwardingPlan plan, ForwardRequest request, QueryDetour detour, bool isReviewed)
    {
        if (Interlocked.Increment(ref _running) > MaxRunning)
        {
            Interlocked.Decrement(ref _running);
            Interlocked.Increment(ref _shed);
            var facts = request.Flow;
            plan.Engine.Log?.NoteShed(request.Message, facts, request.ReceivedAt, ShedReason.InFlightFull);
            request.Receiver.Deliver(request, DetourQuery.Fail(request.Message, QueryOutcome.Shed));
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.Self.RunAsync(work.plan, work.request, work.detour, work.isReviewed), (Self: this, plan, request, detour, isReviewed), preferLocal: false);
    }

    /// <summary>Asks a second group a question nobody waits for, if not too many such are in flight.</summary>
    public void Mirror(ForwardingPlan plan, int group, ref readonly QueryContext context)
    {
        var forwarders = Forwarders;
        if (forwarders.Count == 0 || !Mirrored.TryBegin())
        {
            return;
        }

        var request = new ForwardRequest
        {
            Message = context.Message.ToArray(), Flow = context.Flow, Group = plan.Groups[group], BypassCache = true, ReceivedAt = context.Now, Receiver = Mirrored,
        };
        if (!forwarders[(int)(context.Key(Seed).Hash % (uint)forwarders.Count)].TryForward(request))
        {
            Mirrored.GiveUp();
        }
    }

    private async Task RunAsync(ForwardingPlan plan, ForwardRequest request, QueryDetour detour, bool isReviewed)
    {
        ForwardedResponse response;
        try
        {
            var query = new DetourQuery(this, plan, request);
            response = query.Review(await detour.RunAsync(query).ConfigureAwait(false), isReviewed, out var next);
            if (next is not null)
            {
                IDetourQuery followUp = detour.Way is { } way ? new FollowUpQuery(query, way) : query;
                response = query.Review(await next.RunAsync(followUp).ConfigureAwait(false), isReviewed: true, out _);
            }
        }
#pragma warning disable CA1031 // The last catch of this plane: a bug must cost one query, not the process, and must be seen.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Fault(logger, detour.Description, exception);
            response = DetourQuery.Fail(request.Message, QueryOutcome.Failed);
        }

        Interlocked.Decrement(ref _running);
        request.Receiver.Deliver(request, response);
    }

    private static partial class Log
    {
        [LoggerMessage(412, LogLevel.Error, "A query that was {Detour} ended with an unexpected error; it was answered SERVFAIL.")]
        public static partial void Fault(ILogger logger, string detour, Exception exception);
    }
}
