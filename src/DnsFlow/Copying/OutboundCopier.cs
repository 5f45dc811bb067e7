using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>
/// Copies from the flow to the remote side with implicit flow control: the next message is taken only after the remote side has taken the last one, so
/// at most one is between a read and its write.
/// </summary>
public sealed class OutboundCopier(CopyPair pair)
{
    /// <summary>Copies until the client ends (then responses still go in), or either side breaks (then both are closed).</summary>
    public async Task RunAsync()
    {
        try
        {
            if (pair.Flow is StreamFlow stream)
            {
                await CopyStreamAsync(stream).ConfigureAwait(false);
            }
            else
            {
                await CopyDatagramsAsync((DatagramFlow)pair.Flow).ConfigureAwait(false);
            }
        }
        catch
        {
            pair.End(CopySide.Proxy, FlowError.Internal);
            throw;
        }
    }

    private async Task CopyStreamAsync(StreamFlow flow)
    {
        var input = new StreamInput(MemoryPool.Unbounded);
        try
        {
            while (await flow.ReadAsync().ConfigureAwait(false) is { IsEmpty: false } data)
            {
                while (TryTake(ref input, ref data, out var message))
                {
                    if (!await SendRentedAsync(message).ConfigureAwait(false))
                    {
                        return;
                    }
                }
            }

            EndStream(flow);
        }
        finally
        {
            input.Clear();
        }
    }

    private void EndStream(StreamFlow flow)
    {
        if (flow.Error is { } error)
        {
            pair.End(CopySide.Client, error);
        }
        else
        {
            pair.EndOutbound();
        }
    }

    private async Task CopyDatagramsAsync(DatagramFlow flow)
    {
        while (await flow.ReadAsync(1, CancellationToken.None).ConfigureAwait(false) is { Count: > 0 } datagrams)
        {
            if (!await SendAsync(datagrams[0].Payload).ConfigureAwait(false))
            {
                return;
            }
        }

        pair.End(CopySide.Client, flow.Error);
    }

    private static bool TryTake(ref StreamInput input, ref ReadOnlyMemory<byte> data, out ArraySegment<byte> message)
    {
        var rest = data.Span;
        var isTaken = input.TryTake(ref rest, out var taken);
        message = isTaken ? new ArraySegment<byte>(Buffers.Rent(taken.Length), 0, taken.Length) : default;
        taken.CopyTo(message);
        data = data[^rest.Length..];
        return isTaken;
    }

    private async ValueTask<bool> SendRentedAsync(ArraySegment<byte> message)
    {
        try
        {
            return await SendAsync(message).ConfigureAwait(false);
        }
        finally
        {
            Buffers.Return(message.Array!);
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message)
    {
        pair.CountOut();        // before it leaves: its response may be back before the send says so
        if (await pair.Remote.SendAsync(message, CancellationToken.None).ConfigureAwait(false) is not { } error)
        {
            return true;
        }

        pair.End(CopySide.Remote, error);
        return false;
    }
}
