namespace DnsFlow.Upstreams;

/// <summary>
/// Counts events of the last ten seconds in ten buckets of one second. Any thread; no lock and no allocation: each bucket is one word,
/// 24 bits of which say which second it belongs to.
/// </summary>
internal sealed class SlidingCount
{
    /// <summary>The length of the window in seconds.</summary>
    public const int Seconds = 10;

    private const int CountBits = 40;
    private const long StampMask = (1L << (64 - CountBits)) - 1;
    private const long CountMask = (1L << CountBits) - 1;

    private readonly long[] _buckets = new long[Seconds];

    /// <summary>Counts one event at <paramref name="now"/>, in microseconds.</summary>
    public void Add(long now)
    {
        var second = now / 1_000_000;
        ref var bucket = ref _buckets[second % Seconds];
        var stamp = (second & StampMask) << CountBits;
        for (var seen = Volatile.Read(ref bucket); (seen & ~CountMask) != stamp; seen = Volatile.Read(ref bucket))
        {
            if (Interlocked.CompareExchange(ref bucket, stamp | 1, seen) == seen)
            {
                return;
            }
        }

        Interlocked.Increment(ref bucket);
    }

    /// <summary>How many events were counted in the ten seconds that end with the one of <paramref name="now"/>.</summary>
    public long Sum(long now)
    {
        var current = now / 1_000_000;
        long sum = 0;
        foreach (ref var bucket in _buckets.AsSpan())
        {
            var seen = Volatile.Read(ref bucket);
            if (((current - (seen >>> CountBits)) & StampMask) < Seconds)
            {
                sum += seen & CountMask;
            }
        }

        return sum;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        foreach (ref var bucket in _buckets.AsSpan())
        {
            Volatile.Write(ref bucket, 0);
        }
    }
}
