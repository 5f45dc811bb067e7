namespace DnsFlow.Server;

/// <summary>Whether the proxy can do its work: required listeners are bound and each group in use has a usable server.</summary>
/// <param name="Missing">What is missing, one sentence each; empty when ready.</param>
public sealed record ReadinessReport(IReadOnlyList<string> Missing)
{
    /// <summary>Nothing is missing.</summary>
    public static ReadinessReport Ready { get; } = new([]);

    /// <summary>Whether nothing is missing.</summary>
    public bool IsReady => Missing.Count == 0;
}
