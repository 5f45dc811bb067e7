namespace DnsFlow.Policy.Conditions;

/// <summary>What is known of a query beside its facts while a rule is tried.</summary>
/// <param name="Hits">The pattern lists of the rule that cover the name, one bit each.</param>
/// <param name="Tags">The tags that earlier rules gave, one bit each.</param>
internal readonly record struct RuleState(ulong Hits, ulong Tags);
