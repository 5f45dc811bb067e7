namespace DnsFlow.Upstreams;

/// <summary>What an attempt, or all attempts of the service plane, brought.</summary>
/// <param name="Response">The response in wire form, checked against the question; null when there is none.</param>
/// <param name="Error">Why not. With <see cref="UpstreamError.BadResponse"/> and <see cref="UpstreamError.Truncated"/> a response may be there too, to be passed on for want of a better one.</param>
/// <param name="Server">Who answered or failed last.</param>
internal readonly record struct UpstreamResult(byte[]? Response, UpstreamError Error, Upstream? Server);
