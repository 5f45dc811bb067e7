namespace DnsFlow.Transports.Quic;

/// <summary>The server gave up a stream, with an error code of the application.</summary>
internal sealed class QuicResetException(long errorCode, Exception? inner = null) : IOException("the stream was reset", inner)
{
    /// <summary>The error code.</summary>
    public long ErrorCode { get; } = errorCode;
}
