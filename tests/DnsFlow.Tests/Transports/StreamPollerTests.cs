using System.Net;
using System.Net.Sockets;
using DnsFlow.Tests.Flows;
using DnsFlow.Transports.Tcp;
using DnsFlow.Transports.Tcp.Linux;

namespace DnsFlow.Tests.Transports;

/// <summary>The thread that waits for all stream sockets.</summary>
public sealed class StreamPollerTests : IDisposable
{
    private readonly StreamPoller? _poller = OperatingSystem.IsLinux() ? new StreamPoller(threads: 1) : null;

    public void Dispose() => _poller?.Dispose();

    [Fact]
    public async Task WaitAsync_Inline_GoesOnOnTheThreadThatWaits()
    {
        if (_poller is null)
        {
            return;
        }

        var (client, server) = await ConnectedAsync();
        using var signal = _poller.Watch(server);
        Assert.IsType<PolledReadSignal>(signal);
        var (inline, pooled) = (NameAfterAsync(signal, inline: true), default(Task<string?>));
        await client.SendAsync(new byte[1]);
        Assert.Equal("dnsflow-tcp-0", await inline.Soon());
        pooled = NameAfterAsync(signal, inline: false);
        await client.SendAsync(new byte[1]);
        Assert.NotEqual("dnsflow-tcp-0", await pooled.Soon());
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public async Task WaitAsync_PeerHasEnded_NeverWaitsAgain()
    {
        if (_poller is null)
        {
            return;
        }

        var (client, server) = await ConnectedAsync();
        using var signal = _poller.Watch(server);
        client.Dispose();
        await signal.WaitAsync(inline: true).AsTask().Soon();
        await signal.WaitAsync(inline: true).AsTask().Soon();
        await signal.WaitAsync(inline: true).AsTask().Soon();
        server.Dispose();
    }

    [Fact]
    public async Task Watch_AfterManyWereClosed_TheirNewsReachesNoOther()
    {
        if (_poller is null)
        {
            return;
        }

        for (var round = 0; round < 200; round++)
        {
            var (client, server) = await ConnectedAsync();
            var signal = _poller.Watch(server);
            await client.SendAsync(new byte[1]);
            signal.Dispose();           // the news of the octet may be on its way
            server.Dispose();
            client.Dispose();
        }

        var (quietClient, quiet) = await ConnectedAsync();
        using var last = _poller.Watch(quiet);
        var wait = last.WaitAsync(inline: true).AsTask();
        Assert.False(wait.IsCompleted);
        await quietClient.SendAsync(new byte[1]);
        await wait.Soon();
        quietClient.Dispose();
        quiet.Dispose();
    }

    private static async Task<string?> NameAfterAsync(IReadSignal signal, bool inline)
    {
        await signal.WaitAsync(inline).ConfigureAwait(false);
        return Thread.CurrentThread.Name;
    }

    private static async Task<(Socket Client, Socket Server)> ConnectedAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        server.Blocking = false;
        return (client, server);
    }
}
