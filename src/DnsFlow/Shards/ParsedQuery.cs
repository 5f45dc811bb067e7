using DnsFlow.Protocol;

namespace DnsFlow.Shards;

/// <summary>One query of a <see cref="QueryBatch"/>.</summary>
internal struct ParsedQuery
{
    /// <summary>What parsing said.</summary>
    public QueryStatus Status;

    /// <summary>The query, parsed.</summary>
    public QueryView View;

    /// <summary>The hash of the flow's key.</summary>
    public ulong FlowHash;

    /// <summary>The hash of QNAME.</summary>
    public ulong NameHash;

    /// <summary>The hash of the question's key, if the partition was guessed right.</summary>
    public ulong KeyHash;
}
