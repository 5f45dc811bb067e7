namespace DnsFlow.Queries;

/// <summary>Makes a decision a rehearsal: nothing is counted, taken from a limit or sent, and what the rules did is noted here.</summary>
/// <param name="at">The time that schedules go by.</param>
/// <param name="collects">Whether it is collected why rules did not match; then they are tried one by one.</param>
public sealed class QueryTrace(DateTimeOffset at, bool collects)
{
    /// <summary>The time that schedules go by.</summary>
    public DateTimeOffset At { get; } = at;

    /// <summary>What became of the query rules; null when that is not collected.</summary>
    public RuleTrace? Rules { get; } = collects ? new() : null;

    /// <summary>What became of the answer rules; null when that is not collected.</summary>
    public RuleTrace? Answers { get; } = collects ? new() : null;

    /// <summary>The query rule that decided; -1 = none.</summary>
    public int Rule { get; internal set; } = -1;

    /// <summary>The answer rule that decided; -1 = none.</summary>
    public int AnswerRule { get; internal set; } = -1;

    /// <summary>Whether the response came out of the cache, whatever answer rules made of it.</summary>
    public bool IsCached { get; internal set; }
}
