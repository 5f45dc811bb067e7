using System.Threading.Channels;
using DnsFlow.Telemetry;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Zones.Transfer;

/// <summary>
/// Keeps one zone like its primaries' (RFC 1034 section 4.3.5): asks at the times that its SOA says, and when a primary calls (RFC 1996). A new version
/// takes the place of the old one at once; without success the zone expires.
/// </summary>
/// <param name="settings">What is configured.</param>
/// <param name="store">Where its versions are served.</param>
/// <param name="copy">The version on disk, which is served already; null = there is none, or it cannot be.</param>
/// <param name="confirmed">When a primary last said that the copy is good.</param>
/// <param name="seed">The seed of the hash tables.</param>
/// <param name="refusal">Why the version on disk is not served; null = there is no reason.</param>
internal sealed partial class SecondaryZone(
    SecondarySettings settings, ZoneStore store, TransferredZone? copy, DateTimeOffset confirmed, ulong seed, string? refusal = null)
{
    /// <summary>The shortest time between two exchanges, however often primaries call.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest time of one exchange.</summary>
    public static readonly TimeSpan LongestExchange = TimeSpan.FromMinutes(10);

    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private DateTimeOffset _confirmed = confirmed;
    private ZoneTimers _timers = copy?.Timers ?? ZoneTimers.None;
    private bool _hasData = copy is not null;
    private IReadOnlyList<ZoneRecord>? _unsaved;
    private Task<bool>? _called;
    private int _failures;
    private volatile ZoneStatus _status = new(copy?.Zone, copy is null ? null : confirmed, null, null, refusal, refusal is null ? 0 : 1, IsGood: false);

    /// <summary>What is configured.</summary>
    public SecondarySettings Settings => settings;

    /// <summary>The version that is served; null when there is none.</summary>
    public uint? Serial => _hasData ? _timers.Serial : null;

    /// <summary>Whether a primary is being asked.</summary>
    public bool IsAsking { get; private set; }

    /// <summary>How it is at this moment. Any thread.</summary>
    public ZoneStats Report() => _status.Report(settings);

    /// <summary>Asks a primary soon. Any thread; never waits.</summary>
    public void Call() => _calls.Writer.TryWrite(true);

    /// <summary>Takes the zone out of service when it has expired.</summary>
    public void CheckExpiry(TimeProvider time, ILogger logger)
    {
        if (_hasData && time.GetUtcNow() >= _confirmed + _timers.Expire)
        {
            _hasData = false;
            store.Withdraw(settings.Apex);
            _status = _status with { Zone = null };
            Log.Expired(logger, settings.Name);
        }
    }

    /// <summary>Works until it is cancelled. <paramref name="jitter"/> gives numbers from 0 to 1.</summary>
    public async Task RunAsync(TimeProvider time, Func<double> jitter, ILogger logger, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            IsAsking = true;
            _status = _status with { NextRefreshAt = null };
            var succeeded = await RefreshAsync(time, logger, cancellationToken).ConfigureAwait(false);
            IsAsking = false;
            _failures = succeeded ? 0 : Math.Min(_failures + 1, 6);
            await WaitAsync(Pause(succeeded, jitter()), time, logger, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Up to a tenth less than the SOA says, so that many secondaries do not come at once; without any SOA 10 s, doubling to 5 min.</summary>
    private TimeSpan Pause(bool succeeded, double jitter)
    {
        var pause = succeeded ? _timers.Refresh
            : _hasData || _timers.Expire > TimeSpan.Zero ? _timers.Retry
            : TimeSpan.FromSeconds(Math.Min(300, 5 * Math.Pow(2, _failures)));
        return pause * (1 - (jitter / 10));
    }

    private async Task WaitAsync(TimeSpan pause, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var due = time.GetUtcNow() + pause;
        _status = _status with { NextRefreshAt = due };
        await Task.Delay(ShortestPause, time, cancellationToken).ConfigureAwait(false);
        while (time.GetUtcNow() < due)
        {
            var until = _hasData && _confirmed + _timers.Expire < due ? _confirmed + _timers.Expire : due;
            var left = until - time.GetUtcNow();
            if (left > TimeSpan.Zero && await IsCalledAsync(left, time, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            CheckExpiry(time, logger);
        }
    }

    private async Task<bool> IsCalledAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        _called ??= _calls.Reader.ReadAsync(CancellationToken.None).AsTask();
        try
        {
            await _called.WaitAsync(wait, time, cancellationToken).ConfigureAwait(false);
            _called = null;
            return true;
        }
        catch (TimeoutException)
        {
            return false;       // nobody called: the same read goes on waiting
        }
    }

    private async Task<bool> RefreshAsync(TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        foreach (var primary in settings.Primaries)
        {
            using var limit = new CancellationTokenSource(LongestExchange, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                var transfer = new ZoneTransfer(settings, primary, time);
                var records = await transfer.RunAsync(Serial, Current, either.Token).ConfigureAwait(false);
                Accept(records, transfer.IsIncremental ? "the changes" : "the whole zone", time, logger, primary.ToString());
                return true;
            }
            catch (TransferException exception)
            {
                Fail(logger, primary.ToString(), exception.Message);
                _status = exception.IsOfMemory ? _status with { Refused = _status.Refused + 1 } : _status;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                Fail(logger, primary.ToString(), "the transfer takes too long");
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Broken(logger, exception, settings.Name, primary.ToString());      // a bug must cost one exchange, not the zone, and must be seen
                _status = _status with { Error = $"{primary}: an error of our own: {exception.Message}", IsGood = false };
            }
        }

        CheckExpiry(time, logger);
        return false;
    }

    /// <summary>The records of the version that is served, from disk, or from memory when they could not be written there.</summary>
    private IReadOnlyList<ZoneRecord>? Current() =>
        _unsaved ?? (ZoneCopy.Load(settings, seed, out _) is { } saved && saved.Timers.Serial == _timers.Serial ? saved.Records : null);

    private void Fail(ILogger logger, string primary, string reason)
    {
        Log.Failed(logger, settings.Name, primary, reason);
        _status = _status with { Error = $"{primary}: {reason}", IsGood = false };
    }

    private void Accept(IReadOnlyList<ZoneRecord>? records, string kind, TimeProvider time, ILogger logger, string primary)
    {
        var now = time.GetUtcNow();
        string? problem;
        if (records is null)
        {
            problem = _unsaved is null ? ZoneCopy.Touch(settings.CopyPath, now) : null;
        }
        else
        {
            var version = TransferredZone.Build(settings, records, seed, out var error) ?? throw new TransferException(error!);
            if (!store.TryReplace(version.Zone, out var left))
            {
                throw new TransferException(ZoneMemory.Full(left), isOfMemory: true);
            }

            (_timers, _hasData) = (version.Timers, true);
            _status = _status with { Zone = version.Zone };
            problem = ZoneCopy.Save(settings.CopyPath, records, now);
            _unsaved = problem is null ? null : records;
            Log.Transferred(logger, settings.Name, version.Timers.Serial, kind, primary, records.Count);
        }

        _confirmed = now;
        _status = _status with { RefreshedAt = now, Primary = primary, Error = problem is null ? null : $"{settings.CopyPath} cannot be written: {problem}", IsGood = true };
        if (problem is not null)
        {
            Log.NotSaved(logger, settings.Name, settings.CopyPath, problem);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(800, LogLevel.Information, "Zone {Zone}: version {Serial}, {Kind}, from {Primary}; {Records} records.")]
        public static partial void Transferred(ILogger logger, string zone, uint serial, string kind, string primary, int records);

        [LoggerMessage(801, LogLevel.Warning, "Zone {Zone}: {Primary} gave nothing: {Reason}.")]
        public static partial void Failed(ILogger logger, string zone, string primary, string reason);

        [LoggerMessage(804, LogLevel.Error, "Zone {Zone}: the exchange with {Primary} ended in an error of our own.")]
        public static partial void Broken(ILogger logger, Exception exception, string zone, string primary);

        [LoggerMessage(802, LogLevel.Error, "Zone {Zone} has expired: no primary answered in time. Its names are answered with SERVFAIL until one does.")]
        public static partial void Expired(ILogger logger, string zone);

        [LoggerMessage(803, LogLevel.Warning, "Zone {Zone}: {Path} cannot be written: {Reason}. The zone is served, but would be missing after a restart.")]
        public static partial void NotSaved(ILogger logger, string zone, string path, string reason);
    }
}
