namespace DnsFlow.Telemetry;

/// <summary>A bounded queue between threads.</summary>
/// <param name="Queue">Its name: <c>shard0</c> is what the service plane hands to the first shard.</param>
/// <param name="Depth">How much waits in it.</param>
/// <param name="Capacity">How much can.</param>
public sealed record QueueStats(string Queue, int Depth, int Capacity);
