using System.Net;
using DnsFlow.Limits;
using DnsFlow.Upstreams.Attempts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Hedging;
using Polly.Retry;
using Polly.Timeout;

namespace DnsFlow.Upstreams;

/// <summary>
/// What happens to a question after its first attempt failed, or when it must not be asked by a datagram: one Polly pipeline for all.
/// </summary>
/// <remarks>
/// From the outside in: the question's deadline (time-out); a jittered wait while the retry budget is spent (retry); and the attempts themselves, each at
/// another server, begun when the one before it failed or is overdue and running beside it (hedging). Whom to ask is decided by
/// <see cref="RetryPlan"/>. The circuit breaker is not in the pipeline: it is <see cref="UpstreamHealth"/>, because shards send most attempts and never
/// enter a pipeline, and because Polly's breaker, when driven by hand, has no half-open state in which just one query passes.
/// </remarks>
internal sealed partial class UpstreamResilience : IDisposable
{
    /// <summary>Questions on the service plane at most unless configured; as many as a group may have in flight.</summary>
    public const int DefaultMaxRunning = 4_096;

    private static readonly ResiliencePropertyKey<AttemptRace> RaceKey = new("dnsflow.race");

    private readonly MonotonicClock _clock;
    private readonly IUpstreamExchange _exchange;
    private readonly ILogger _logger;
    private readonly int _maxRunning;
    private readonly Lazy<ResiliencePipeline<UpstreamResult>> _pipeline;
    private int _running;
    private long _shed;
    private long _faults;
    private long _nextSpoofLine;

    /// <summary>Makes the resilience; <paramref name="exchange"/> replaces real sockets in tests. The <paramref name="connections"/> belong to it.</summary>
    public UpstreamResilience(
        MonotonicClock clock, ILogger? logger = null, int maxRunning = DefaultMaxRunning, IUpstreamExchange? exchange = null, UpstreamConnections? connections = null)
    {
        (_clock, _maxRunning) = (clock, maxRunning);
        _logger = logger ?? NullLogger.Instance;
        _pipeline = new Lazy<ResiliencePipeline<UpstreamResult>>(() => BuildPipeline(clock.Time));
        Connections = exchange is null ? connections ?? UpstreamConnections.Create(clock, static _ => false, _logger) : null;
        _exchange = exchange ??= Connections!.Exchange;
        Prober = new UpstreamProber(exchange, clock);
    }

    /// <summary>Asks servers that are down whether they are back.</summary>
    public UpstreamProber Prober { get; }

    /// <summary>The real connections; null when a test replaced them.</summary>
    public UpstreamConnections? Connections { get; }

    /// <summary>Questions on the service plane.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Questions turned away because there were too many.</summary>
    public long Shed => Volatile.Read(ref _shed);

    /// <summary>Questions that ended with an exception nobody expected; each is in the log.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>
    /// Takes a question over. Returns at once; the work is done on the thread pool and ends with <see cref="ITransactionOwner.Complete"/>, exactly
    /// once, not later than the question's deadline, and not at all when it was abandoned before.
    /// </summary>
    public void Start(Transaction transaction)
    {
        if (Interlocked.Increment(ref _running) > _maxRunning)
        {
            Interlocked.Decrement(ref _running);
            Interlocked.Increment(ref _shed);
            transaction.Owner.Complete(transaction.Token, new UpstreamResult(transaction.Response, UpstreamError.Shed, transaction.FailedServer));
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Self.RunAsync(work.Transaction), (Self: this, Transaction: transaction), preferLocal: false);
    }

    /// <summary>
    /// A plan with these groups comes in force: names are resolved by its bootstrap servers from now on, and the servers that are asked by HTTPS or QUIC are asked once, so that
    /// their connections are open when the first client comes.
    /// </summary>
    public void Prepare(IEnumerable<UpstreamGroup> groups, IReadOnlyList<IPEndPoint> bootstrap)
    {
        if (Connections is null)
        {
            return;
        }

        Connections.Bootstrap.Servers = bootstrap;
        foreach (var group in groups)
        {
            foreach (var server in group.Servers)
            {
                if (server.Link.Scheme is UpstreamAddress.Https or UpstreamAddress.Quic or UpstreamAddress.Http3 && server.Statistics.Sent == 0)
                {
                    Prober.Probe(server, group.ProbeQuery);
                }
            }
        }
    }

    /// <summary>
    /// Builds the pipeline and takes it through its paces once, without any network: otherwise the first failure pays for it with a tenth of a second.
    /// </summary>
    public async Task WarmUpAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var nobody = new UpstreamGroup("warm-up", 0, new UpstreamGroupOptions());
        var transaction = new Transaction(WarmUpOwner.Instance, 0, nobody, [], null, UpstreamError.None, _clock.Now + MonotonicClock.Second);
        await ExecuteAsync(new AttemptRace(transaction, _exchange, _clock)).ConfigureAwait(false);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        Prober.Dispose();
        Connections?.Dispose();
    }

    private async Task RunAsync(Transaction transaction)
    {
        var result = new UpstreamResult(transaction.Response, UpstreamError.Unreachable, transaction.FailedServer);
        try
        {
            var race = new AttemptRace(transaction, _exchange, _clock);
            result = race.TimeLeft > TimeSpan.Zero ? await ExecuteAsync(race).ConfigureAwait(false) : race.Consolation;
            WatchForSpoofing(transaction, result);
        }
#pragma warning disable CA1031 // The last catch of this plane: a bug must cost one question, not the process, and must be seen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _faults);
            Log.Fault(_logger, transaction.Group.Name, e);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            if (!transaction.Abandoned.IsCancellationRequested)
            {
                transaction.Owner.Complete(transaction.Token, result);
            }
        }
    }

    private async ValueTask<UpstreamResult> ExecuteAsync(AttemptRace race)
    {
        var context = ResilienceContextPool.Shared.Get(race.Ending);
        try
        {
            context.Properties.Set(RaceKey, race);
            var outcome = await _pipeline.Value.ExecuteOutcomeAsync(
                static async (context, race) => Outcome.FromResult(await race.AttemptAsync(context.CancellationToken).ConfigureAwait(false)),
                context, race).ConfigureAwait(false);
            return outcome.Exception switch
            {
                null when outcome.Result.Error == UpstreamError.None => outcome.Result,
                null or OperationCanceledException or TimeoutRejectedException => race.Consolation,
                var unexpected => throw unexpected,
            };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static ResiliencePipeline<UpstreamResult> BuildPipeline(TimeProvider time)
        => new ResiliencePipelineBuilder<UpstreamResult> { TimeProvider = time, Name = "upstreams" }
            .AddTimeout(new TimeoutStrategyOptions
            {
                Name = "deadline",
                TimeoutGenerator = static arguments => ValueTask.FromResult(RaceOf(arguments.Context).TimeLeft),
            })
            .AddRetry(new RetryStrategyOptions<UpstreamResult>
            {
                Name = "budget",
                MaxRetryAttempts = int.MaxValue,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromMilliseconds(400),
                UseJitter = true,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is null && RaceOf(arguments.Context).AwaitsBudget),
            })
            .AddHedging(new HedgingStrategyOptions<UpstreamResult>
            {
                Name = "attempts",
                MaxHedgedAttempts = RetryPlan.MaxPackets,
                DelayGenerator = static arguments => ValueTask.FromResult(RaceOf(arguments.Context).CurrentTimeout),
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome is { Exception: null, Result.Error: not UpstreamError.None }),
            })
            .Build();

    private static AttemptRace RaceOf(ResilienceContext context)
        => context.Properties.TryGetValue(RaceKey, out var race) ? race : throw new InvalidOperationException("The context has no race.");

    // At most one line a minute: whoever floods us must not fill the disk as well.
    private void WatchForSpoofing(Transaction transaction, in UpstreamResult result)
    {
        if (transaction.Failure == UpstreamError.Spoofed || result.Error == UpstreamError.Spoofed)
        {
            var (now, next) = (_clock.Now, Volatile.Read(ref _nextSpoofLine));
            if (now >= next && Interlocked.CompareExchange(ref _nextSpoofLine, now + (60 * MonotonicClock.Second), next) == next)
            {
                Log.Spoofed(_logger, (transaction.FailedServer ?? result.Server)?.Name, transaction.Group.Name);
            }
        }
    }

    private sealed class WarmUpOwner : ITransactionOwner
    {
        public static WarmUpOwner Instance { get; } = new();

        public void Complete(long token, in UpstreamResult result)
        {
            // Nobody asked.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(410, LogLevel.Error, "A question to the upstream group {Group} ended with an unexpected error.")]
        public static partial void Fault(ILogger logger, string group, Exception exception);

        [LoggerMessage(411, LogLevel.Warning,
            "Twenty replies from the address of {Server} (group {Group}) did not match one question: somebody may be guessing. It was asked over TCP.")]
        public static partial void Spoofed(ILogger logger, string? server, string group);
    }
}
