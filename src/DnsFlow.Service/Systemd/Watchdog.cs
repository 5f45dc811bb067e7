using System.Globalization;

namespace DnsFlow.Service.Systemd;

/// <summary>
/// Gives signs of life at half the time the service manager allows, as long as a query through the real UDP path is answered. On a
/// listener that has never answered such a query (its access list may exclude us) they are given all the same.
/// </summary>
internal sealed class Watchdog : IAsyncDisposable
{
    private readonly Notifier _notifier;
    private readonly Func<CancellationToken, Task<bool>> _probe;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeriodicTimer _timer;
    private readonly Task _feeding;
    private bool _hasAnswered;

    private Watchdog(Notifier notifier, TimeSpan interval, Func<CancellationToken, Task<bool>> probe, TimeProvider time)
    {
        (_notifier, _probe) = (notifier, probe);
        _timer = new PeriodicTimer(interval, time);
        _feeding = FeedAsync();
    }

    /// <summary>Starts one if the environment asks for it; else null.</summary>
    public static Watchdog? Start(Func<string, string?> variable, int processId, Notifier notifier, Func<CancellationToken, Task<bool>> probe, TimeProvider time)
        => Interval(variable, processId) is { } interval && notifier.IsListening ? new Watchdog(notifier, interval, probe, time) : null;

    /// <summary>How often signs of life are due: half of <c>WATCHDOG_USEC</c>; null when none are asked of this process.</summary>
    public static TimeSpan? Interval(Func<string, string?> variable, int processId)
    {
        var isForUs = variable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == processId.ToString(CultureInfo.InvariantCulture);
        return isForUs && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds >= 2
            ? TimeSpan.FromMicroseconds(Math.Max(1000, Math.Min(microseconds, TimeSpan.MaxValue.Ticks / 100) / 2))
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _feeding;
        _timer.Dispose();
        _stopping.Dispose();
    }

    private async Task FeedAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stopping.Token))
            {
                var answered = await _probe(_stopping.Token);
                _hasAnswered |= answered;
                if (answered || !_hasAnswered)
                {
                    _notifier.Send(Notifier.Watchdog);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The service stops, and with it this.
        }
    }
}
