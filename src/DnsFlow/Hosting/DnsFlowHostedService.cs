using DnsFlow.Server;
using DnsFlow.Telemetry;
using Microsoft.Extensions.Hosting;

namespace DnsFlow.Hosting;

/// <summary>Starts the proxy with its host, publishes its meter, and stops it with the host.</summary>
internal sealed class DnsFlowHostedService(IProxyServer server) : IHostedService, IDisposable
{
    private DnsFlowMeter? _meter;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await server.StartAsync(cancellationToken);
        _meter = new DnsFlowMeter(server.Snapshot);
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await server.StopAsync(ServerStopReason.Requested, cancellationToken);

    public void Dispose() => _meter?.Dispose();
}
