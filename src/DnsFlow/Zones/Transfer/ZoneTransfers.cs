using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Zones.Transfer;

/// <summary>All zones of a plan that are transferred: starts and stops their work, and finds them for NOTIFY.</summary>
internal sealed class ZoneTransfers(IReadOnlyList<SecondaryZone> zones) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _work = Task.CompletedTask;

    /// <summary>None.</summary>
    public static ZoneTransfers None { get; } = new([]);

    /// <summary>The zones.</summary>
    public IReadOnlyList<SecondaryZone> Zones => zones;

    /// <summary>The zone of an apex in lower case; null when it is not transferred.</summary>
    public SecondaryZone? Find(ReadOnlySpan<byte> apex)
    {
        foreach (var zone in zones)
        {
            if (apex.SequenceEqual(zone.Settings.Apex))
            {
                return zone;
            }
        }

        return null;
    }

    /// <summary>Takes expired zones out of service and begins to ask the primaries.</summary>
    public void Start(TimeProvider time, ILogger logger)
    {
        foreach (var zone in zones)
        {
            zone.CheckExpiry(time, logger);
        }

        _work = Task.WhenAll(zones.Select(zone => zone.RunAsync(time, Jitter, logger, _stopping.Token)));
    }

    /// <summary>Ends the work and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (zones.Count == 0)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static double Jitter() => RandomNumberGenerator.GetInt32(1_000) / 1_000.0;
}
