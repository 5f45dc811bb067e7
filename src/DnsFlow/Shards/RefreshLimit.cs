using DnsFlow.Limits;

namespace DnsFlow.Shards;

/// <summary>
/// How much a shard asks ahead of time: questions nobody waits for come last. Not more than a sixteenth of the questions in flight, not more
/// than 200 a second, and none while half of all places are taken.
/// </summary>
internal sealed class RefreshLimit(int capacity)
{
    /// <summary>Questions a second.</summary>
    public const int Rate = 200;

    private readonly int _most = Math.Max(1, capacity / 16);
    private long _second = -1;
    private int _inSecond;
    private int _inFlight;

    /// <summary>Takes a place; false when there is none. <paramref name="questions"/> and <paramref name="queries"/> are those in flight.</summary>
    public bool TryBegin(int questions, int queries, long now)
    {
        var second = now / MonotonicClock.Second;
        if (second != _second)
        {
            (_second, _inSecond) = (second, 0);
        }

        if (_inFlight >= _most || _inSecond >= Rate || 2 * Math.Max(questions, queries) >= capacity)
        {
            return false;
        }

        _inFlight++;
        _inSecond++;
        return true;
    }

    /// <summary>Gives the place back.</summary>
    public void End() => _inFlight--;
}
