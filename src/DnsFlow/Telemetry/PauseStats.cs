namespace DnsFlow.Telemetry;

/// <summary>A list or rules that do not match for a while.</summary>
/// <param name="Name">The name: of a list, of query rules and answer rules.</param>
/// <param name="Client">For this client, network or set of clients alone; null = for everybody.</param>
/// <param name="Until">When they match again, UTC.</param>
public sealed record PauseStats(string Name, string? Client, DateTimeOffset Until);
