using DnsFlow.Limits;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Shards;

/// <summary>Runs a shard on a thread of its own until it is told to stop, then drains it. A fault in one round is logged and the loop goes on.</summary>
internal sealed partial class ShardThread : IDisposable
{
    private const long LogInterval = MonotonicClock.Second;

    private readonly Shard _shard;
    private readonly MonotonicClock _clock;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _drainUntil = long.MaxValue;
    private long _faults;
    private long _lastLogged;

    /// <summary>Makes the thread; it does not run yet.</summary>
    public ShardThread(Shard shard, int index, MonotonicClock clock, ILogger logger)
    {
        _shard = shard;
        _clock = clock;
        _logger = logger;
        _thread = new Thread(Run) { Name = $"dnsflow-{index}", IsBackground = true };
    }

    /// <summary>The shard.</summary>
    public Shard Shard => _shard;

    /// <summary>Rounds that ended with an exception.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Begins to run.</summary>
    public void Start() => _thread.Start();

    /// <summary>Stops listening, lets what is in flight end until the given time, ends the rest. Completes when the thread is done.</summary>
    public Task StopAsync(TimeSpan drain)
    {
        Interlocked.CompareExchange(ref _drainUntil, _clock.Now + (long)drain.TotalMicroseconds, long.MaxValue);
        _shard.Wake();
        return _ended.Task;
    }

    /// <summary>Frees the shard; call after <see cref="StopAsync"/> has completed, or when the thread was never started.</summary>
    public void Dispose() => _shard.Dispose();

    private void Run()
    {
        while (Interlocked.Read(ref _drainUntil) == long.MaxValue)
        {
            RunGuarded(static shard => shard.RunOnce());
        }

        RunGuarded(static shard => shard.StopListening());
        while (_shard.InFlight > 0 && _clock.Now < Interlocked.Read(ref _drainUntil))
        {
            RunGuarded(static shard => shard.RunOnce(maxWaitMilliseconds: 20));
        }

        RunGuarded(static shard => shard.End());
        _ended.SetResult();
    }

    private void RunGuarded(Action<Shard> round)
    {
        try
        {
            round(_shard);
        }
        catch (Exception exception)
        {
            // Nothing may end the loop; what was in this round is lost like a datagram.
            Interlocked.Increment(ref _faults);
            if (_clock.Now - _lastLogged >= LogInterval)
            {
                _lastLogged = _clock.Now;
                Log.RoundFault(_logger, _thread.Name!, Faults, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(511, LogLevel.Error, "A round of shard {Shard} failed ({Faults} so far); it goes on.")]
        public static partial void RoundFault(ILogger logger, string shard, long faults, Exception exception);
    }
}
