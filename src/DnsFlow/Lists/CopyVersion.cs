namespace DnsFlow.Lists;

/// <summary>What a server said of the version it sent, for conditional requests (RFC 9110 section 13).</summary>
/// <param name="Tag">ETag, as it was sent.</param>
/// <param name="Modified">Last-Modified, as it was sent.</param>
internal readonly record struct CopyVersion(string? Tag, string? Modified);
