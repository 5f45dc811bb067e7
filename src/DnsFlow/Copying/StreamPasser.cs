using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Transports.Tcp;
using DnsFlow.Upstreams;

namespace DnsFlow.Copying;

/// <summary>
/// Relays a passed stream flow, octet for octet, to the first server of the system that takes the connection. One block at a time in each
/// direction: what the other side does not take stays in the kernel.
/// </summary>
internal sealed class StreamPasser(TimeProvider time) : IFlowPasser
{
    private const int BlockSize = 16 << 10;
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task PassAsync(StreamFlow flow, UpstreamGroup group, CancellationToken stopping)
    {
        if (await flow.HandshakeAsync().ConfigureAwait(false) != HandshakeOutcome.Done)
        {
            flow.Close(FlowCloseReason.PeerReset, FlowError.PeerReset);
            return;
        }

        var remote = await ConnectAsync(group, stopping).ConfigureAwait(false);
        if (remote is null || !flow.TryOpen())
        {
            remote?.Abort();
            flow.Close(FlowCloseReason.UpstreamFailed, FlowError.HostUnreachable);
            return;
        }

        using var idle = new CancellationTokenSource(s_idleTime, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, idle.Token);
        try
        {
            await Task.WhenAll(CopyOutAsync(flow, remote, idle, ending.Token), CopyInAsync(remote, flow, idle, ending.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Idle for too long, or the provider stops: both sides are closed below.
        }

        flow.Close(stopping.IsCancellationRequested ? FlowCloseReason.ProviderStopped : FlowCloseReason.PassedThrough, flow.Error);
        await remote.CloseAsync().ConfigureAwait(false);
        remote.Dispose();
    }

    private async ValueTask<IStreamTransport?> ConnectAsync(UpstreamGroup group, CancellationToken stopping)
    {
        foreach (var server in group.Servers.ToArray())
        {
            if (await TcpConnector.ConnectAsync(server.Endpoint, time, stopping).ConfigureAwait(false) is { } connection)
            {
                return connection;
            }
        }

        return null;
    }

    private static async Task CopyOutAsync(StreamFlow flow, IStreamTransport remote, CancellationTokenSource idle, CancellationToken ending)
    {
        while (await flow.ReadAsync(ending).ConfigureAwait(false) is { IsEmpty: false } data)
        {
            idle.CancelAfter(s_idleTime);
            if (await remote.WriteAsync(data, ending).ConfigureAwait(false) is not null)
            {
                break;
            }
        }

        remote.ShutdownSend();
    }

    private static async Task CopyInAsync(IStreamTransport remote, StreamFlow flow, CancellationTokenSource idle, CancellationToken ending)
    {
        var block = Buffers.Rent(BlockSize);
        try
        {
            while (await remote.ReadAsync(block, ending).ConfigureAwait(false) is { Count: > 0 } read)
            {
                idle.CancelAfter(s_idleTime);
                if (!await flow.WriteAsync(block.AsMemory(0, read.Count), ending).ConfigureAwait(false))
                {
                    break;
                }
            }
        }
        finally
        {
            Buffers.Return(block);
        }

        flow.CloseWrite();
        flow.CloseRead();
    }
}
