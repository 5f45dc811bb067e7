using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Policy;

/// <summary>
/// What a rule asks for (<c>When</c>). What is not set does not matter; everything that is set must hold. Rules on flows know the conditions on flows only.
/// </summary>
public sealed class RuleConditionOptions
{
    /// <summary>Names of listeners; empty = any.</summary>
    public IReadOnlyList<string> Listener { get; set; } = [];

    /// <summary>Addresses the client's is among; empty = any.</summary>
    public IReadOnlyList<AddressRange> From { get; set; } = [];

    /// <summary>Addresses the client's is not among.</summary>
    public IReadOnlyList<AddressRange> NotFrom { get; set; } = [];

    /// <summary>Clients by name, address or hardware address; empty = any.</summary>
    public IReadOnlyList<ClientReference> Clients { get; set; } = [];

    /// <summary>Clients that are not meant.</summary>
    public IReadOnlyList<ClientReference> NotClients { get; set; } = [];

    /// <summary>The transports; empty = any.</summary>
    public IReadOnlyList<FlowTransport> Transport { get; set; } = [];

    /// <summary>Names of schedules, one of which it is the time of; empty = any time.</summary>
    public IReadOnlyList<string> Schedules { get; set; } = [];

    /// <summary>Names of schedules, of none of which it is the time.</summary>
    public IReadOnlyList<string> NotSchedules { get; set; } = [];

    /// <summary>Patterns that cover the query's name; empty = any.</summary>
    public IReadOnlyList<DomainPattern> Domains { get; set; } = [];

    /// <summary>Patterns that do not cover the query's name.</summary>
    public IReadOnlyList<DomainPattern> NotDomains { get; set; } = [];

    /// <summary>The types; empty = any.</summary>
    public IReadOnlyList<RecordType> Types { get; set; } = [];

    /// <summary>Types that are not meant.</summary>
    public IReadOnlyList<RecordType> NotTypes { get; set; } = [];

    /// <summary>The classes; empty = any.</summary>
    public IReadOnlyList<RecordClass> Class { get; set; } = [];

    /// <summary>Tags, one of which an earlier rule has given the query; empty = any.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>Tags of which the query has none.</summary>
    public IReadOnlyList<string> NotTags { get; set; } = [];

    /// <summary>Names of lists, one of which matches the query; empty = any query.</summary>
    public IReadOnlyList<string> Lists { get; set; } = [];

    /// <summary>Names of lists, none of which matches the query.</summary>
    public IReadOnlyList<string> NotLists { get; set; } = [];

    /// <summary>Addresses, one of which is in the answer; empty = any answer. For answer rules, as all that begins with Answer.</summary>
    public IReadOnlyList<AddressRange> AnswerIn { get; set; } = [];

    /// <summary>Addresses, none of which is in the answer.</summary>
    public IReadOnlyList<AddressRange> NotAnswerIn { get; set; } = [];

    /// <summary>Patterns, one of which covers a name that a CNAME record of the answer leads to; empty = any answer.</summary>
    public IReadOnlyList<DomainPattern> AnswerName { get; set; } = [];

    /// <summary>Patterns, none of which covers a name that a CNAME record of the answer leads to.</summary>
    public IReadOnlyList<DomainPattern> NotAnswerName { get; set; } = [];

    /// <summary>The RCODEs of the answer; empty = any.</summary>
    public IReadOnlyList<ResponseCode> AnswerCode { get; set; } = [];

    /// <summary>Alternatives, one of which must hold; empty = none needed.</summary>
    public IReadOnlyList<RuleConditionOptions> Any { get; set; } = [];

    /// <summary>What must not hold (all of it together); null = nothing.</summary>
    public RuleConditionOptions? Not { get; set; }
}
