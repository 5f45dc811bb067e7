using DnsFlow.Server;
using DnsFlow.Server.Plans;
using DnsFlow.Service.Systemd;

namespace DnsFlow.Service.Reloading;

/// <summary>Reloads, whoever asks, one at a time, and tells the service manager when one begins and ends.</summary>
internal sealed class Reloader(IProxyServer server, Notifier notifier, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Reads the configuration anew; see <see cref="IProxyServer.ReloadAsync"/>.</summary>
    public async Task<ReloadReport> ReloadAsync(string cause, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            notifier.Send(Notifier.Reloading(time));
            return await server.ReloadAsync(cause, CancellationToken.None);     // begun is done: who asked may go away
        }
        finally
        {
            notifier.Send(Notifier.Ready);
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();
}
