namespace DnsFlow.Service.Endpoints;

/// <summary>What flushing the cache did.</summary>
/// <param name="Removed">How many responses were forgotten.</param>
internal sealed record FlushDocument(long Removed);
