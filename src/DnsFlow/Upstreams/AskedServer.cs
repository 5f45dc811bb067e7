namespace DnsFlow.Upstreams;

/// <summary>A server that one question was already sent to.</summary>
/// <param name="Server">The server.</param>
/// <param name="IsFinal">It answered, only not usefully: there is no sense in asking it the same again.</param>
internal readonly record struct AskedServer(Upstream Server, bool IsFinal);
