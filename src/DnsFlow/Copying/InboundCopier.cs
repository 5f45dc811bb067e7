using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Transports;

namespace DnsFlow.Copying;

/// <summary>
/// Copies from the remote side to the flow with implicit flow control: the next message is received only after the client's connection has taken the
/// last one. A client that takes longer than two seconds for one is cut off.
/// </summary>
public sealed class InboundCopier(CopyPair pair)
{
    /// <summary>Copies until the remote side ends, either side breaks, or the last response that a half-closed client awaits is written; then both are closed.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var received = await pair.Remote.ReceiveAsync(CancellationToken.None).ConfigureAwait(false);
                if (received.IsEnd)
                {
                    pair.End(CopySide.Remote, received.Error);
                    return;
                }

                if (!await WriteAsync(received.Message).ConfigureAwait(false))
                {
                    pair.End(CopySide.Client, pair.Flow.Error);
                    return;
                }

                pair.CountIn();
            }
        }
        catch
        {
            pair.End(CopySide.Proxy, FlowError.Internal);
            throw;
        }
    }

    private ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> message)
    {
        if (pair.Flow is StreamFlow stream)
        {
            return WriteFramedAsync(stream, message);
        }

        var flow = (DatagramFlow)pair.Flow;
        flow.TryWrite([new Datagram(message, flow.RemoteEndpoint)]);
        return new ValueTask<bool>(flow.State == FlowState.Open);       // one that found no room is lost like any other; the copying goes on
    }

    private async ValueTask<bool> WriteFramedAsync(StreamFlow flow, ReadOnlyMemory<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MessageFraming.MaxMessageLength);
        var framed = Buffers.Rent(MessageFraming.PrefixLength + message.Length);
        try
        {
            var length = MessageFraming.Write(message.Span, framed);
            var write = flow.TryWriteAsync(framed.AsMemory(0, length));
            if (write.IsCompleted)
            {
                return await write.ConfigureAwait(false);
            }

            using (pair.WatchWrite())
            {
                return await write.ConfigureAwait(false);
            }
        }
        finally
        {
            Buffers.Return(framed);
        }
    }
}
