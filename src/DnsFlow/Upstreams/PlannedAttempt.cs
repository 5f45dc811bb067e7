namespace DnsFlow.Upstreams;

/// <summary>The next packet of a question.</summary>
/// <param name="Server">Who is asked.</param>
/// <param name="OverStream">Over TCP.</param>
/// <param name="IsRetry">Not the first packet of the question, and sent because an earlier one failed.</param>
/// <param name="IsHedge">Sent beside an earlier one that has not failed.</param>
internal readonly record struct PlannedAttempt(Upstream Server, bool OverStream, bool IsRetry, bool IsHedge = false);
