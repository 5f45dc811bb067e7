namespace DnsFlow.Flows;

/// <summary>
/// The octet stream under a stream flow. One reader and one writer at a time; the closing members may be called by any thread, in any order, any
/// number of times. What the network does is a value, never an exception.
/// </summary>
internal interface IStreamTransport : IDisposable
{
    /// <summary>Makes the stream ready, before the first read or write. Never throws; <see cref="Abort"/> ends it.</summary>
    ValueTask<HandshakeOutcome> HandshakeAsync() => new(HandshakeOutcome.Done);

    /// <summary>
    /// Reads what has arrived, without waiting. False when nothing has: then <see cref="WaitAsync"/> or <see cref="ReadAsync"/> is asked.
    /// </summary>
    bool TryRead(Memory<byte> buffer, out TransportRead read);

    /// <summary>
    /// Waits for octets, the end or an error, which <see cref="TryRead"/> then tells; now and then for nothing. A flow on which nothing happens waits here: no
    /// buffer is held. What awaits it may run on the thread that waits for all connections and must not block. Never throws.
    /// </summary>
    ValueTask WaitAsync();

    /// <summary>
    /// Waits for octets, the end or an error, and reads. With an empty buffer it only waits, as <see cref="WaitAsync"/> does but cancellable.
    /// Cancelling leaves the stream as it was.
    /// </summary>
    ValueTask<TransportRead> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes all octets; done when the stream has accepted them. Cancelling may leave a part written: then only <see cref="Abort"/> is left.</summary>
    ValueTask<FlowError?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>A pending read, and every later one, ends as if the stream had.</summary>
    void StopReading();

    /// <summary>Tells the peer that no more comes (FIN). Reading goes on.</summary>
    void ShutdownSend();

    /// <summary>
    /// Closes in good order: shuts down sending, drains what the peer still sends (at most 64 KiB or 200 ms, so that unread input does not turn
    /// the close into a reset that destroys responses on their way; RFC 7766 section 6.2), then closes. Done when all is given back.
    /// </summary>
    ValueTask CloseAsync();

    /// <summary>Closes at once; the peer sees a reset.</summary>
    void Abort();
}
