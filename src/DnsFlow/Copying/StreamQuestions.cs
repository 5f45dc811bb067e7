using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Copying;

/// <summary>
/// What happens to one question of a stream, whatever carries it: the engine decides, a forwarded one goes to its shard, and each is counted once. It holds
/// nothing of a flow; all copiers of the plane share it.
/// </summary>
internal sealed partial class StreamQuestions(StreamServices services)
{
    [ThreadStatic]
    private static byte[]? t_response;

    /// <summary>This thread's room for one response, of any length.</summary>
    public static byte[] ResponseBuffer => t_response ??= new byte[ushort.MaxValue];

    /// <summary>Counts a question and has it decided. An engine that throws has answered SERVFAIL.</summary>
    public StepResult Decide(ForwardingPlan plan, ref QueryContext context)
    {
        services.Counters.QueryReceived(context.Flow.Listener, (int)context.Flow.Transport, context.Query.Type);
        var result = DecideGuarded(plan, ref context);
        if (context.WantsRefresh)
        {
            Refresh(plan, context);
        }

        if (context.Mirror != 0)
        {
            services.Detours.Mirror(plan, context.Mirror - 1, in context);
        }

        return result;
    }

    /// <summary>The question as its shard, or its detour, gets it; <paramref name="receiver"/> gets the response.</summary>
    public static ForwardRequest Request(ForwardingPlan plan, in QueryContext context, IForwardReceiver receiver) => new()
    {
        Message = context.Message.ToArray(),
        Flow = context.Flow,
        Group = context.Target.Group >= 0 ? plan.Groups[context.Target.Group] : plan.SystemGroup,
        BypassCache = context.BypassCache,
        Partition = context.Target.Partition,
        EchoedSubnet = context.EchoedSubnet,
        WantsReview = true,
        ReceivedAt = context.Now,
        Receiver = receiver,
    };

    /// <summary>Hands a question to the shard where identical ones meet. False when that has no room: then the context has the answer SERVFAIL.</summary>
    public bool TryForward(ForwardingPlan plan, ForwardRequest request, ref QueryContext context)
    {
        var shard = (int)(context.Key(services.Seed).Hash % (uint)services.Forwarders.Count);
        if (services.Forwarders[shard].TryForward(request))
        {
            return true;
        }

        services.Counters.Shed(ShedReason.QueueFull);
        plan.Engine.Log?.NoteShed(context.Message, context.Flow, context.Now, ShedReason.QueueFull);
        context.AnswerEmpty(ResponseCode.ServFail, QueryOutcome.Shed, ExtendedErrorCode.NetworkError);
        return false;
    }

    /// <summary>Adds to a response what this client's OPT record is to have; returns the new length.</summary>
    public int Complete(StreamFlow flow, ReadOnlySpan<byte> query, in QueryView view, uint subnet, Span<byte> response, int length)
        => StreamOptions.Append(
            query, view, flow.FactsInPlace.Transport, services.Limits.TcpIdle, response, AddOptions(query, view, flow.FactsInPlace.Key.Local, subnet, response, length));

    /// <summary>The response to a forwarded question with what this client's OPT record is to have. Valid until this thread's <see cref="ResponseBuffer"/> is used again.</summary>
    public ReadOnlySpan<byte> Complete(StreamFlow flow, ForwardRequest request, byte[] response)
    {
        QueryView.TryParse(request.Message, out var view);
        if (view.OptionsLength == 0)
        {
            return response;
        }

        var buffer = ResponseBuffer;
        response.CopyTo(buffer, 0);
        return buffer.AsSpan(0, Complete(flow, request.Message, view, request.EchoedSubnet, buffer, response.Length));
    }

    /// <summary>Counts the end of a question; returns the flow's last answer from then on, <paramref name="last"/> when there was none.</summary>
    public LastAnswer Finish(StreamFlow flow, LastAnswer last, QueryOutcome outcome, ResponseCode code, long receivedAt)
    {
        services.Counters.QueryFinished(flow.FactsInPlace.Listener, outcome, code, services.Clock.Now - receivedAt);
        return outcome == QueryOutcome.Dropped ? last : new LastAnswer(outcome, code);
    }

    private StepResult DecideGuarded(ForwardingPlan plan, ref QueryContext context)
    {
        try
        {
            return plan.Engine.Decide(ref context);
        }
        catch (Exception exception)
        {
            Log.EngineFault(services.Logger, exception);
            return context.AnswerEmpty(ResponseCode.ServFail, QueryOutcome.Failed, ExtendedErrorCode.Other);
        }
    }

    // The cookie that the query deserves, and the network that was asked for.
    private int AddOptions(ReadOnlySpan<byte> query, in QueryView view, in FlowEndpoint client, uint subnet, Span<byte> response, int length)
        => AddCookie(query, view, client, response, subnet == 0 ? length : services.Plan.Current.Subnets.Append(subnet, isResponse: true, response, length));

    private int AddCookie(ReadOnlySpan<byte> query, in QueryView view, in FlowEndpoint client, Span<byte> response, int length)
        => view.OptionsLength > 0 && services.Plan.Current.Cookies is { } cookies ? cookies.Append(cookies.Read(query, view, client), client, response, length) : length;

    /// <summary>Has a response asked for again by the shard that holds it. When that has no time for it, the next who asks sees to it.</summary>
    private void Refresh(ForwardingPlan plan, in QueryContext context) => services.Forwarders[context.Holder].TryForward(new ForwardRequest
    {
        Message = context.Message.ToArray(),
        Flow = context.Flow,
        Group = plan.Groups[context.Target.Group],
        Partition = context.Target.Partition,
        IsRefresh = true,
        ReceivedAt = context.Now,
        Receiver = IgnoredResponse.Instance,
    });

    private static partial class Log
    {
        [LoggerMessage(520, LogLevel.Error, "A step of the query engine threw; the query was answered SERVFAIL.")]
        public static partial void EngineFault(ILogger logger, Exception exception);
    }
}
