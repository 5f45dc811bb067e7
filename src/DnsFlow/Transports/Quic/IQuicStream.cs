namespace DnsFlow.Transports.Quic;

/// <summary>
/// A bidirectional stream of a QUIC connection. Reading and writing throw <see cref="QuicResetException"/> when the server resets or stops it, and
/// <see cref="QuicLostException"/> when the connection is lost. Disposing of it may wait for the server.
/// </summary>
internal interface IQuicStream : IAsyncDisposable
{
    /// <summary>Writes octets and the end of the stream (FIN).</summary>
    ValueTask WriteLastAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken);

    /// <summary>Reads some octets; 0 at the end of the stream.</summary>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Gives up both directions with an error code of the application (RESET_STREAM and STOP_SENDING). Does nothing when they ended already.</summary>
    void Abort(long errorCode);
}
