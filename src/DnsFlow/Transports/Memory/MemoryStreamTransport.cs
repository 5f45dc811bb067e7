using DnsFlow.Flows;

namespace DnsFlow.Transports.Memory;

/// <summary>One end of a connection in memory, with back-pressure, half close and reset. For tests and hosts that need no sockets.</summary>
internal sealed class MemoryStreamTransport : IStreamTransport
{
    private readonly MemoryStreamPipe _in;
    private readonly MemoryStreamPipe _out;
    private volatile bool _isClosed;

    private MemoryStreamTransport(MemoryStreamPipe input, MemoryStreamPipe output) => (_in, _out) = (input, output);

    /// <summary>Octets the other end sent and this one has not read.</summary>
    public int Unread => _in.Count;

    /// <summary>Whether this end holds nothing any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Whether the other end has ended its direction in good order.</summary>
    public bool IsEndedByPeer => _in.IsEnded;

    /// <summary>Whether the connection was reset by either end.</summary>
    public bool IsReset => _in.IsReset;

    /// <summary>Makes both ends; <paramref name="capacity"/> octets are on the way in each direction at most.</summary>
    public static (MemoryStreamTransport Client, MemoryStreamTransport Server) CreatePair(int capacity = 64 << 10)
    {
        var (toServer, toClient) = (new MemoryStreamPipe(capacity), new MemoryStreamPipe(capacity));
        return (new MemoryStreamTransport(toClient, toServer), new MemoryStreamTransport(toServer, toClient));
    }

    public bool TryRead(Memory<byte> buffer, out TransportRead read) => _in.TryRead(buffer.Span, out read);

    public async ValueTask WaitAsync() => await ReadAsync(Memory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);

    public async ValueTask<TransportRead> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var change = _in.NextChange();
            if (_in.TryRead(buffer.Span, out var read))
            {
                return read;
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<FlowError?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var change = _out.NextChange();
            var written = _out.Write(data.Span);
            if (written < 0)
            {
                return FlowError.PeerReset;
            }

            data = data[written..];
            if (written == 0)
            {
                await change.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        return null;
    }

    public void StopReading() => _in.StopReading();

    public void ShutdownSend() => _out.End();

    public ValueTask CloseAsync()
    {
        _out.End();
        _in.StopReading();
        _isClosed = true;
        return default;
    }

    public void Abort()
    {
        _isClosed = true;
        _in.Break(FlowError.Aborted);
        _out.Break(FlowError.PeerReset);
    }

    public void Dispose() => Abort();
}
