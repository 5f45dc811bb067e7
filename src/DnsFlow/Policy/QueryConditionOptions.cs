using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Policy;

/// <summary>What a rule asks of a query and of the flow it came by.</summary>
public sealed class QueryConditionOptions : FlowConditionOptions
{
    /// <summary>Patterns that cover the query's name; empty = any.</summary>
    public IReadOnlyList<NamePattern> Domains { get; set; } = [];

    /// <summary>Patterns that do not cover the query's name.</summary>
    public IReadOnlyList<NamePattern> NotDomains { get; set; } = [];

    /// <summary>The types; empty = any.</summary>
    public IReadOnlyList<RecordType> Types { get; set; } = [];
}
