namespace DnsFlow.Service.Replaying;

/// <summary>Queries that are decided differently in the same way.</summary>
internal sealed record ReplayGroup
{
    /// <summary>How many.</summary>
    public long Count { get; set; }

    /// <summary>What was done with them.</summary>
    public required ReplayDecision From { get; init; }

    /// <summary>What would be done.</summary>
    public required ReplayDecision To { get; init; }

    /// <summary>The first of them.</summary>
    public required ReplayExample Example { get; init; }
}
