using DnsFlow.Telemetry;

namespace DnsFlow.Server;

/// <summary>A DNS proxy from its start to its end. Thread safe; started once and stopped once.</summary>
public interface IProxyServer
{
    /// <summary>
    /// Binds the listeners and begins to answer. Throws <see cref="ServerStartException"/> when it cannot, and then holds no socket.
    /// </summary>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes no new flows, answers what is in flight (3 s at most) and closes everything. Does nothing when not started.</summary>
    ValueTask StopAsync(ServerStopReason reason, CancellationToken cancellationToken);

    /// <summary>What was counted since the start.</summary>
    StatsSnapshot Snapshot();

    /// <summary>Whether the proxy can do its work, and what is missing if not.</summary>
    ReadinessReport Readiness();

    /// <summary>Where it listens, whom it asks, what it serves; for the first lines a person sees. Filled after the start.</summary>
    ServerSummary Describe();
}
