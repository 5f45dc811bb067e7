namespace DnsFlow.Flows;

/// <summary>What a read of a stream brought.</summary>
/// <param name="Count">Octets read. 0 without an error is the end of the stream, unless the read had no buffer.</param>
/// <param name="Error">Why the stream broke; null when it did not.</param>
internal readonly record struct TransportRead(int Count, FlowError? Error);
