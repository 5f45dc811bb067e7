using BenchmarkDotNet.Attributes;
using DnsFlow.Limits;
using DnsFlow.Shards;

namespace DnsFlow.Bench;

/// <summary>The time-outs of forwarded queries, with 4,096 of them in flight.</summary>
[MemoryDiagnoser]
public class TimerWheelBenchmarks : IDisposable
{
    private const int Slots = 4_096;
    private readonly TimerWheel _wheel = new(Slots, 0);
    private int _next;
    private long _now;

    /// <summary>Sets all time-outs, spread over 800 ms.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (var slot = 0; slot < Slots; slot++)
        {
            _wheel.Set(slot, slot * 800 * MonotonicClock.Millisecond / Slots);
        }
    }

    /// <summary>An answer came and another query leaves: one time-out is cleared, one set.</summary>
    [Benchmark]
    public void ClearAndSet()
    {
        var slot = _next++ & (Slots - 1);
        _wheel.Clear(slot);
        _wheel.Set(slot, _now + (800 * MonotonicClock.Millisecond));
    }

    /// <summary>How long the shard may sleep.</summary>
    [Benchmark]
    public int MillisecondsToNext() => _wheel.MillisecondsToNext(_now);

    /// <summary>Time goes on by a tenth of a millisecond; what is due is set again.</summary>
    [Benchmark]
    public int Advance()
    {
        _now += MonotonicClock.Millisecond / 10;
        var taken = 0;
        for (var slot = _wheel.TakeDue(_now); slot >= 0; slot = _wheel.TakeDue(_now), taken++)
        {
            _wheel.Set(slot, _now + (800 * MonotonicClock.Millisecond));
        }

        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _wheel.Dispose();
        GC.SuppressFinalize(this);
    }
}
