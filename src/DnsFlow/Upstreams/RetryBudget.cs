namespace DnsFlow.Upstreams;

/// <summary>
/// Keeps extra packets from becoming a flood: over 10 s at most so many for each question (retries: one for ten), and always a few, so that a quiet
/// proxy can retry. Shared by a group. Any thread.
/// </summary>
/// <param name="share">Extra packets for each question: 0.1 = one for ten.</param>
/// <param name="floor">Extra packets that are always allowed in 10 s.</param>
internal sealed class RetryBudget(double share = RetryBudget.RetryShare, int floor = RetryBudget.Floor)
{
    /// <summary>The share of retries.</summary>
    public const double RetryShare = 0.1;

    /// <summary>Retries that are always allowed in 10 s.</summary>
    public const int Floor = 20;

    private readonly SlidingCount _questions = new();
    private readonly SlidingCount _retries = new();
    private readonly Lock _taking = new();
    private long _refused;

    /// <summary>Questions that had to wait for the budget, or never got a retry.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>A question's first attempt was sent.</summary>
    public void CountQuestion(long now) => _questions.Add(now);

    /// <summary>A question was refused a retry; counted once for each question, however often it asks again.</summary>
    public void CountRefused() => Interlocked.Increment(ref _refused);

    /// <summary>Takes one retry. Returns false when the budget of the last 10 s is spent.</summary>
    public bool TryTake(long now)
    {
        lock (_taking)
        {
            if (_retries.Sum(now) < Math.Max(floor, (long)(_questions.Sum(now) * share)))
            {
                _retries.Add(now);
                return true;
            }

            return false;
        }
    }
}
