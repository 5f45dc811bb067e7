using System.Buffers.Binary;
using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Server.Plans;

namespace DnsFlow.Server.Explaining;

/// <summary>
/// Rehearses what becomes of a query: the flow rules and the engine of the plan itself run over a query that nobody sent. Nothing is counted, taken from a limit or
/// sent. Thread safe.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="listeners">The names of the listeners by index.</param>
/// <param name="time">The clock.</param>
/// <param name="cache">The cache of the running proxy; null = there is none, a configuration is asked.</param>
internal sealed class Explainer(ProxyPlan plan, IReadOnlyList<string> listeners, TimeProvider time, ResponseCache? cache)
{
    /// <summary>Rehearses a question. <paramref name="now"/> is the monotonic time that the cache goes by.</summary>
    public Explanation Explain(ExplainQuestion question, long now)
    {
        var at = question.At ?? time.GetUtcNow();
        var facts = Facts(question);
        var flowTrace = new RuleTrace();
        var flow = plan.FlowRules.Decide(facts, plan.FlowRules.Schedules.ActiveAt(at), flowTrace);
        var explanation = new Explanation
        {
            Name = question.Name.ToString(),
            Type = question.Type.ToText(),
            Client = question.Client.ToString(),
            Listener = (uint)facts.Listener < (uint)listeners.Count ? listeners[facts.Listener] : "",
            Transport = Word(question.Transport),
            At = at,
            Flow = new(plan.FlowRules.Rules[flow.Rule].Name, Word(flow.Verdict), [], [.. flowTrace.Misses.Select(miss => new ExplainedMiss(plan.FlowRules.Rules[miss.Rule].Name, miss.Condition))]),
            Result = flow.Verdict == FlowVerdict.Pass ? "passed" : "discarded",
            Cache = "not consulted",
            PausedLists =
            [
                .. plan.Lists.Names.Select((_, number) => plan.QueryRules.Paused?.FindList(number, facts.Client, now, at)).OfType<PauseEntry>().Select(static pause => pause.ToStats()),
            ],
        };
        return flow.Verdict == FlowVerdict.Claim ? Decide(explanation, question, facts, now) : explanation;
    }

    /// <summary>The facts of the flow that a question would come by.</summary>
    private FlowFacts Facts(ExplainQuestion question)
    {
        var listener = question.Listener is null ? 0 : IndexOf(question.Listener);
        return new(new FlowKey(question.Transport, FlowEndpoint.From(question.Client, 0), default), listener);
    }

    private int IndexOf(string listener)
    {
        for (var i = 0; i < listeners.Count; i++)
        {
            if (string.Equals(listeners[i], listener, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private Explanation Decide(Explanation explanation, ExplainQuestion question, FlowFacts facts, long now)
    {
        var trace = new QueryTrace(explanation.At, collects: true);
        var buffer = new byte[ushort.MaxValue];
        var context = new QueryContext(Message(question), in facts, stackalloc byte[WireName.MaxLength], buffer, now) { Trace = trace };
        var result = plan.Forwarding.Engine.Decide(ref context);
        var isCached = trace.IsCached;
        var asksCache = cache is not { IsEnabled: false } && context.Target.Group >= 0 && !context.BypassCache && (isCached || result == StepResult.Forward);
        var (cached, fresh, staleUntil) = !asksCache ? ("not consulted", null, null) : cache is null ? ("not known", null, null) : Held(cache, context.Key(cache.Seed), isCached, now);
        var group = context.Target.Group >= 0 ? plan.Forwarding.Groups[context.Target.Group] : null;
        return explanation with
        {
            Query = Rules(plan.QueryRules, trace.Rules!, trace.Rule),
            Answers = isCached && !plan.AnswerRules.Rules.IsEmpty ? Rules(plan.AnswerRules, trace.Answers!, trace.AnswerRule) : null,
            Result = Word(result),
            Step = result is StepResult.Answered or StepResult.Dropped ? context.Decision.Step : null,
            Detour = context.Detour?.Description,
            List = context.ListMatch.Describe() is { } entry ? $"list {entry.List}, {entry.Source}:{entry.Line}  {entry.Text}" : null,
            Group = group?.Name,
            Servers = group is null ? [] : [.. group.Preview(new Upstreams.UpstreamQuestion(context.Name, now)).Select(static server => server.Name)],
            Cache = cached,
            CacheSeconds = fresh,
            StaleUntil = staleUntil,
            Answer = result == StepResult.Answered ? Answer(buffer.AsSpan(0, context.ResponseLength)) : null,
            Log = result is StepResult.Answered or StepResult.Dropped ? Word(context.Outcome) : null,
        };
    }

    private (string State, long? Fresh, DateTimeOffset? StaleUntil) Held(ResponseCache held, in QuestionKey key, bool isHit, long now)
    {
        if (!held.TryFindStale(key, now, out _, out _, out var header))
        {
            return (isHit ? "failed" : "absent", null, null);
        }

        var left = (long)Math.Ceiling(header.Lifetime - ((double)header.Age(now) / MonotonicClock.Second));
        DateTimeOffset? until = held.Freshness.GivesStale ? time.GetUtcNow().AddMilliseconds(held.Freshness.GivenFor(header, now) / MonotonicClock.Millisecond) : null;
        return header.IsExpired(now) ? ("stale", null, until) : ("fresh", left, until);
    }

    private static ExplainedRules Rules(RuleSet rules, RuleTrace trace, int decided) => new(
        decided < 0 ? null : rules.Rules[decided].Name,
        decided < 0 ? null : rules.Rules[decided].ActionName,
        [.. trace.Passed.Select(passed => rules.Rules[passed].Name)],
        [.. trace.Misses.Select(miss => new ExplainedMiss(rules.Rules[miss.Rule].Name, miss.Condition, miss.PausedUntil))]);

    /// <summary>A query as a stub resolver with EDNS sends it.</summary>
    private static byte[] Message(ExplainQuestion question)
    {
        var message = new byte[DnsHeader.Size + question.Name.Length + 4 + DnsResponses.OptSize];
        new DnsHeader(0, DnsHeader.RecursionDesiredBit, 1, 0, 0, 1).Write(message);
        question.Name.Wire.CopyTo(message.AsSpan(DnsHeader.Size));
        var rest = message.AsSpan(DnsHeader.Size + question.Name.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)question.Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)question.Class);
        BinaryPrimitives.WriteUInt16BigEndian(rest[5..], (ushort)RecordType.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(rest[7..], DnsResponses.AdvertisedUdpSize);
        return message;
    }

    private static ExplainedAnswer? Answer(ReadOnlySpan<byte> response)
    {
        if (!DnsMessageReader.TryRead(response, out var message))
        {
            return null;
        }

        var all = message.Answer.Concat(message.Authority).ToList();
        var error = message.Edns?.Find(EdnsOptionCode.ExtendedError) is { Data.Length: >= 2 } option
            ? (ExtendedErrorCode?)BinaryPrimitives.ReadUInt16BigEndian(option.Data.Span)
            : null;
        return new(
            message.ResponseCode.ToText(), all.Count == 0 ? null : all.Min(static record => record.TimeToLive), (int?)error, error?.ToString(),
            [.. message.Answer.Select(static record => record.ToString())], message.IsTruncated);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value switch
        {
            StepResult.Forward => "forwarded",
            StepResult.Detour => "detour",
            _ => value.ToString().ToLowerInvariant(),
        };
}
