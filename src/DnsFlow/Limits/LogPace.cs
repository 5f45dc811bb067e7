namespace DnsFlow.Limits;

/// <summary>Lets one line into the log every ten seconds, about what others can make happen as often as they like. Thread safe.</summary>
internal sealed class LogPace(TimeProvider time)
{
    /// <summary>The time between two lines.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private long _next = time.GetTimestamp();

    /// <summary>Whether a line is due; the next one is then ten seconds away.</summary>
    public bool TryTake()
    {
        var (now, next) = (time.GetTimestamp(), Volatile.Read(ref _next));
        return now >= next && Interlocked.CompareExchange(ref _next, now + (long)(Period.TotalSeconds * time.TimestampFrequency), next) == next;
    }
}
