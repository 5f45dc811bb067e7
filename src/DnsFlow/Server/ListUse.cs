using DnsFlow.Lists;
using DnsFlow.Policy;

namespace DnsFlow.Server;

/// <summary>Finds entries of lists that no rule can ever match by.</summary>
internal static class ListUse
{
    /// <summary>One line for each list with triggers on answers that no answer rule asks.</summary>
    public static IEnumerable<string> Warnings(ProxyOptions options, ListSet lists)
    {
        var asked = options.AnswerRules.SelectMany(static rule => Asked(rule.When)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return lists.Lists
            .Where(list => list.Data is { Answers.Length: > 0 } && !asked.Contains(list.Name))
            .Select(list => $"{options.Path}:Lists:{list.Name}  {list.Data!.Answers.Length:N0} entries on answers (rpz-ip, rpz-nsdname) never match, as no rule of AnswerRules asks the list");
    }

    private static IEnumerable<string> Asked(RuleConditionOptions when) =>
        when.Lists.Concat(when.NotLists).Concat(when.Any.SelectMany(Asked)).Concat(when.Not is { } not ? Asked(not) : []);
}
