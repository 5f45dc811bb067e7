using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Upstreams;

/// <summary>One query on a detour.</summary>
internal sealed class DetourQuery(DetourRunner runner, ForwardingPlan plan, ForwardRequest request) : IDetourQuery
{
    /// <inheritdoc/>
    public byte[] Message => request.Message;

    /// <summary>SERVFAIL to a query.</summary>
    public static ForwardedResponse Fail(byte[] message, QueryOutcome outcome)
    {
        QueryView.TryParse(message, out var view);
        var response = new byte[view.QuestionEnd + DnsResponses.OptSize + 6];
        var length = DnsResponses.WriteEmpty(message, view, ResponseCode.ServFail, response, ExtendedErrorCode.Other);
        return new(response[..length], outcome, ResponseCode.ServFail);
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(TimeSpan time) => await Task.Delay(time, runner.Clock.Time).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<DetourResponse> AskAsync(byte[] message) => AskAsync(message, isLast: false);

    /// <summary>The same; a question that is the last takes no detour of its own, which ends every chain of them.</summary>
    public ValueTask<DetourResponse> AskAsync(byte[] message, bool isLast)
    {
        // Asked as if over a stream: what does not fit the client in the end is cut in the end.
        var facts = request.Flow with { Key = request.Flow.Key with { Transport = FlowTransport.Tcp } };
        return Decide(message, facts, isLast, out var answer, out var detour, out var hash) switch
        {
            StepResult.Forward => ForwardAsync(message, facts, hash),
            StepResult.Detour when detour is not null => detour.RunAsync(new DetourLink(this, message)),
            _ => new(answer),
        };
    }

    /// <summary>Lets the answer rules see a response, and holds it to what the client takes. <paramref name="next"/> is a detour that a rule wants.</summary>
    public ForwardedResponse Review(DetourResponse response, bool isReviewed, out QueryDetour? next)
    {
        next = null;
        var facts = request.Flow;
        var buffer = new byte[ushort.MaxValue];
        response.Message.CopyTo(buffer, 0);
        var context = new QueryContext(request.Message, in facts, stackalloc byte[WireName.MaxLength], buffer, runner.Clock.Now)
        {
            ResponseLength = response.Message.Length,
            Outcome = response.Outcome,
            ResponseCode = response.Code,
            IsDetoured = isReviewed,
        };
        var isUpstreams = response.Message.Length > 0 && response.Outcome is QueryOutcome.Forwarded or QueryOutcome.Cached or QueryOutcome.Stale;
        var result = isUpstreams && plan.Engine.Review is { } review ? review.Invoke(ref context) : StepResult.Answered;
        if (result == StepResult.Detour)
        {
            next = context.Detour;
        }
        else if (result == StepResult.Answered && context.ResponseLength > context.MaxResponseSize)
        {
            context.AnswerEmpty(context.ResponseCode, context.Outcome, truncated: true);
        }

        return new(buffer[..context.ResponseLength], context.Outcome, context.ResponseCode);
    }

    private StepResult Decide(byte[] message, in FlowFacts facts, bool isLast, out DetourResponse answer, out QueryDetour? detour, out ulong hash)
    {
        var buffer = new byte[ushort.MaxValue];
        var context = new QueryContext(message, in facts, stackalloc byte[WireName.MaxLength], buffer, runner.Clock.Now)
        {
            Target = new ForwardTarget(0, request.Partition != 0 ? request.Partition : request.Group.Partition),
            BypassCache = request.BypassCache,
            IsDetoured = isLast,
        };
        hash = context.Key(runner.Seed).Hash;
        var result = plan.Engine.DecideBehindPolicy(ref context);
        answer = new(buffer[..context.ResponseLength], context.Outcome, context.ResponseCode);
        detour = context.Detour;
        return result;
    }

    private async ValueTask<DetourResponse> ForwardAsync(byte[] message, FlowFacts facts, ulong hash)
    {
        var forwarders = runner.Forwarders;
        var asked = new AwaitedResponse();
        var question = new ForwardRequest
        {
            Message = message, Flow = facts, Group = request.Group, Partition = request.Partition, BypassCache = request.BypassCache, ReceivedAt = runner.Clock.Now, Receiver = asked,
        };
        var response = forwarders.Count > 0 && forwarders[(int)(hash % (uint)forwarders.Count)].TryForward(question)
            ? await asked.Task.ConfigureAwait(false)
            : Fail(message, QueryOutcome.Shed);
        return new(response.Message, response.Outcome, response.Code);
    }
}
