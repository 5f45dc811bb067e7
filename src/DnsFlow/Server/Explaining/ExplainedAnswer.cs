namespace DnsFlow.Server.Explaining;

/// <summary>The response that the client would get.</summary>
/// <param name="Code">The RCODE.</param>
/// <param name="Ttl">The lowest TTL in seconds; null without records.</param>
/// <param name="ExtendedError">The extended error's number; null = none.</param>
/// <param name="ExtendedErrorName">The extended error in words.</param>
/// <param name="Records">The records of the answer section as in a zone file.</param>
/// <param name="IsTruncated">Whether it says that it did not fit.</param>
public sealed record ExplainedAnswer(string Code, uint? Ttl, int? ExtendedError, string? ExtendedErrorName, IReadOnlyList<string> Records, bool IsTruncated);
