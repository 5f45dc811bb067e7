namespace DnsFlow.Policy;

/// <summary>How often a rule has matched. Thread safe.</summary>
public sealed class RuleCounter
{
    private long _count;

    /// <summary>The count since the process began.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Counts one match.</summary>
    public void Increment() => Interlocked.Increment(ref _count);
}
