using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Transports.Https;
using DnsFlow.Upstreams;

namespace DnsFlow.Copying;

/// <summary>Copies one claimed HTTPS flow: each request is a query on it. The HTTP server cuts requests and keeps their times; it brings at most so many at once.</summary>
internal sealed class HttpsCopier(StreamFlow flow, StreamServices services, Action<HttpsCopier> ended) : IStreamCopier, IHttpsClient
{
    private const long WholeTime = 300 * MonotonicClock.Second;

    private readonly long _openedAt = services.Clock.Now;
    private long _lastActive = services.Clock.Now;
    private int _inFlight;
    private int _queries;

    /// <inheritdoc/>
    public StreamFlow Flow { get; } = flow;

    /// <inheritdoc/>
    public long LastActive => Volatile.Read(ref _lastActive);

    /// <inheritdoc/>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <inheritdoc/>
    public int Unsent => 0;     // what a client does not take stays with the HTTP connection

    /// <inheritdoc/>
    public LastAnswer LastAnswer { get; private set; }

    /// <inheritdoc/>
    public bool IsIdle => Volatile.Read(ref _inFlight) == 0;

    /// <inheritdoc/>
    public bool IsUsedUp => Volatile.Read(ref _queries) >= StreamCopier.MaxQueries;

    /// <inheritdoc/>
    public bool CheckTime(long now, long idleTime)
    {
        if (!IsIdle || (now - LastActive <= idleTime && now - _openedAt <= WholeTime))
        {
            return false;
        }

        Flow.Close(FlowCloseReason.IdleTimeout);
        return true;
    }

    /// <inheritdoc/>
    public void Stop() => Flow.Close(FlowCloseReason.ProviderStopped);

    /// <inheritdoc/>
    public void End()
    {
        Flow.Close(FlowCloseReason.PeerClosed);
        ended(this);
    }

    /// <inheritdoc/>
    public void RequestRefused() => services.Counters.Ignored(IgnoredReason.HttpRequest);

    /// <inheritdoc/>
    public void HandshakeFailed(bool isCrowded)
    {
        if (isCrowded)
        {
            services.Counters.Shed(ShedReason.Handshakes);
            Flow.Close(FlowCloseReason.BudgetExceeded, FlowError.Refused);
            ended(this);
        }
        else
        {
            services.Counters.Ignored(IgnoredReason.Handshake);
            Flow.Close(FlowCloseReason.PeerReset, FlowError.PeerReset);
        }
    }

    /// <inheritdoc/>
    public ValueTask<HttpsAnswer> AnswerAsync(ReadOnlySpan<byte> message)
    {
        if (message.Length < DnsHeader.Size || (message[2] & 0x80) != 0)
        {
            return new ValueTask<HttpsAnswer>(HttpsAnswer.NotAQuery);
        }

        Interlocked.Increment(ref _queries);
        var now = services.Clock.Now;
        Volatile.Write(ref _lastActive, now);
        var plan = services.Plan.Current;
        Span<byte> lowered = stackalloc byte[WireName.MaxLength];
        var response = StreamQuestions.ResponseBuffer;
        var context = new QueryContext(message, in Flow.FactsInPlace, lowered, response, now);
        switch (services.Questions.Decide(plan, ref context))
        {
            case StepResult.Answered:
                Finish(context.Outcome, context.ResponseCode, now);
                return new ValueTask<HttpsAnswer>(Complete(message, context.Query, context.EchoedSubnet, response, context.ResponseLength));
            case StepResult.Forward:
                return Forward(plan, ref context);
            case StepResult.Detour:
                return Detour(plan, context);
            default:
                Finish(context.Outcome, context.ResponseCode, now);
                return new ValueTask<HttpsAnswer>(default(HttpsAnswer));
        }
    }

    private HttpsAnswer Delivered(ForwardRequest request, in ForwardedResponse response)
    {
        Finish(response.Outcome, response.Code, request.ReceivedAt);
        Volatile.Write(ref _lastActive, services.Clock.Now);
        Interlocked.Decrement(ref _inFlight);
        if (response.Message.Length == 0)
        {
            return default;
        }

        QueryView.TryParse(request.Message, out var view);
        var buffer = StreamQuestions.ResponseBuffer;
        response.Message.CopyTo(buffer, 0);
        return Complete(request.Message, view, request.EchoedSubnet, buffer, response.Message.Length);
    }

    private ValueTask<HttpsAnswer> Forward(ForwardingPlan plan, ref QueryContext context)
    {
        if (services.Questions.TryForward(plan, Begin(plan, context, out var answer), ref context))
        {
            return answer;
        }

        Interlocked.Decrement(ref _inFlight);
        Finish(context.Outcome, context.ResponseCode, context.Now);
        return new ValueTask<HttpsAnswer>(Complete(context.Message, context.Query, context.EchoedSubnet, context.Response, context.ResponseLength));
    }

    private ValueTask<HttpsAnswer> Detour(ForwardingPlan plan, in QueryContext context)
    {
        var request = Begin(plan, context, out var answer);
        services.Detours.Start(plan, request, context.Detour!, context.IsReviewed);
        return answer;
    }

    private ForwardRequest Begin(ForwardingPlan plan, in QueryContext context, out ValueTask<HttpsAnswer> answer)
    {
        var pending = new PendingRequest(this);
        answer = new ValueTask<HttpsAnswer>(pending.Task);
        Interlocked.Increment(ref _inFlight);
        return StreamQuestions.Request(plan, context, pending);
    }

    private HttpsAnswer Complete(ReadOnlySpan<byte> query, in QueryView view, uint subnet, Span<byte> response, int length)
    {
        length = services.Questions.Complete(Flow, query, view, subnet, response, length);
        var buffer = Buffers.Rent(length);
        response[..length].CopyTo(buffer);
        return new HttpsAnswer(buffer, length, Freshness.Seconds(response[..length]));
    }

    private void Finish(QueryOutcome outcome, ResponseCode code, long receivedAt) => LastAnswer = services.Questions.Finish(Flow, LastAnswer, outcome, code, receivedAt);

    /// <summary>A request whose answer comes from upstream. It goes on on the thread pool, never on a shard's thread.</summary>
    private sealed class PendingRequest(HttpsCopier copier)
        : TaskCompletionSource<HttpsAnswer>(TaskCreationOptions.RunContinuationsAsynchronously), IForwardReceiver
    {
        public void Deliver(ForwardRequest request, in ForwardedResponse response) => SetResult(copier.Delivered(request, response));
    }
}
