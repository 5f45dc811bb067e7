using System.Globalization;
using System.Text;
using DnsFlow.Server.Explaining;

namespace DnsFlow.Service.Commands;

/// <summary>Writes an explanation for people, one line for each stage.</summary>
internal static class ExplainText
{
    /// <summary>The lines. <paramref name="source"/> says who explains.</summary>
    public static string Format(Explanation explanation, string source)
    {
        var text = new StringBuilder();
        var at = explanation.At.ToString("HH:mm", CultureInfo.InvariantCulture);
        var flow = $"{explanation.Client} -> {explanation.Listener}/{explanation.Transport}";
        var query = $"{explanation.Name} {explanation.Type}";
        var width = Math.Max(flow.Length, query.Length) + 2;
        text.Append("flow   ").Append(flow.PadRight(width)).Append(Decision(explanation.Flow)).AppendLine(FlowMisses(explanation.Flow, at));
        if (explanation.Query is { } rules)
        {
            text.Append("query  ").Append(query.PadRight(width)).AppendLine((Decision(rules) + Target(explanation)).TrimEnd());
            AppendTried(text, rules, explanation.At);
        }

        if (explanation.PausedLists.Count > 0)
        {
            text.Append("paused ").AppendLine(string.Join(" | ", explanation.PausedLists.Select(pause => $"list {pause.Name} until {Clock(pause.Until, explanation.At)}")));
        }

        if (explanation.Answers is { } answers)
        {
            text.Append("answers ").AppendLine(answers.Rule is null ? "no rule changes it" : Decision(answers));
            AppendTried(text, answers, explanation.At);
        }

        return text.Append("answer ").AppendLine(Answer(explanation)).Append(Records(explanation)).Append("source ").AppendLine(source).ToString();
    }

    private static string Decision(ExplainedRules rules) => rules.Rule is null ? "no rule" : $"rule '{rules.Rule}'  {rules.Action}";

    private static string FlowMisses(ExplainedRules rules, string at) => rules.Missed.Count == 0 ? ""
        : $"         ({string.Join("; ", rules.Missed.Select(miss => $"'{miss.Rule}': {miss.Condition} false{Time(miss.Condition, at)}"))})";

    private static void AppendTried(StringBuilder text, ExplainedRules rules, DateTimeOffset at)
    {
        if (rules.Passed.Count > 0)
        {
            text.Append("passed ").AppendLine(string.Join(" | ", rules.Passed));
        }

        if (rules.Missed.Count > 0)
        {
            text.Append("tried  ").AppendLine(string.Join(" | ", rules.Missed.Select(miss => Miss(miss, at))));
        }
    }

    private static string Miss(ExplainedMiss miss, DateTimeOffset at) => miss.PausedUntil is { } until
        ? $"{miss.Rule} paused until {Clock(until, at)}"
        : $"{miss.Rule} {miss.Condition} no{Time(miss.Condition, at.ToString("HH:mm", CultureInfo.InvariantCulture))}";

    private static string Clock(DateTimeOffset time, DateTimeOffset like) => time.ToOffset(like.Offset).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Time(string condition, string at) => condition.EndsWith("Schedules", StringComparison.Ordinal) ? $" ({at})" : "";

    private static string Target(Explanation explanation)
    {
        var detour = (explanation.List is null ? "" : $"         {explanation.List}") + (explanation.Detour is null ? "" : $"         {explanation.Detour}");
        return explanation.Group is null ? detour : $"{detour}         group '{explanation.Group}': {string.Join(", ", explanation.Servers)}";
    }

    private static string Answer(Explanation explanation)
    {
        var what = explanation.Answer is not { } answer ? explanation.Result
            : $"{answer.Code}{(answer.IsTruncated ? " truncated" : "")}{(answer.Ttl is { } ttl ? string.Create(CultureInfo.InvariantCulture, $" ttl {ttl}") : "")}"
                + (answer.ExtendedError is { } error ? string.Create(CultureInfo.InvariantCulture, $" ede {error} ({answer.ExtendedErrorName})") : "");
        var step = explanation.Step is null ? "" : $"   by {explanation.Step}";
        return $"{what}{step}   cache {Cache(explanation)}{(explanation.Log is null ? "" : $"   counted as {explanation.Log}")}";
    }

    private static string Cache(Explanation explanation)
    {
        var state = explanation.CacheSeconds is { } left ? string.Create(CultureInfo.InvariantCulture, $"{explanation.Cache} for {left} s") : explanation.Cache;
        return explanation.StaleUntil is not { } until ? state
            : string.Create(CultureInfo.InvariantCulture, $"{state}, may be given until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
    }

    private static string Records(Explanation explanation) => explanation.Answer is not { Records.Count: > 0 } answer ? ""
        : string.Concat(answer.Records.Select(static record => $"       {record}\n"));
}
