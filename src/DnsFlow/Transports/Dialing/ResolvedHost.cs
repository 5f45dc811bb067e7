using System.Net;

namespace DnsFlow.Transports.Dialing;

/// <summary>What the name of a host stands for.</summary>
/// <param name="Addresses">Its addresses; empty when it has none.</param>
/// <param name="TimeToLive">How long they hold.</param>
internal sealed record ResolvedHost(IReadOnlyList<IPAddress> Addresses, TimeSpan TimeToLive);
