namespace DnsFlow.Transports.Quic;

/// <summary>A QUIC connection was closed or lost, or could not be had. The message is the reason, for people.</summary>
internal sealed class QuicLostException(string message, Exception? inner = null) : IOException(message, inner);
