namespace DnsFlow.Upstreams.Attempts;

/// <summary>A server does not keep to DNS over QUIC (RFC 9250 section 4.3.3): its connection is closed. The message says how, to be put behind its name.</summary>
internal sealed class DoqProtocolException(string message) : IOException(message);
