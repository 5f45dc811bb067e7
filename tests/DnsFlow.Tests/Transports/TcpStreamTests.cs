using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.TestKit;
using DnsFlow.Tests.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Tcp;

namespace DnsFlow.Tests.Transports;

/// <summary>Stream flows over real sockets on loopback, waited for by the framework.</summary>
public class TcpStreamTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly TcpStreamListener _listener;

    public TcpStreamTests()
        : this(null)
    {
    }

    private protected TcpStreamTests(IReadiness? readiness)
        => _listener = TcpStreamListener.Bind(FlowEndpoint.From(IPAddress.Loopback, 0), 2, _time, protocol: new TcpProtocol(_time, readiness));

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync() => await _listener.DisposeAsync();

    [Fact]
    public async Task AcceptAsync_Client_GivesAClosedFlowWithItsEndpoints()
    {
        using var client = await ConnectAsync();
        var flow = await AcceptAsync();
        Assert.Equal(FlowState.Closed, flow.State);
        Assert.Equal(FlowEndpoint.From((IPEndPoint)client.LocalEndPoint!), flow.LocalEndpoint);
        Assert.Equal(_listener.LocalEndpoint, flow.RemoteEndpoint);
        Assert.Equal((2, FlowTransport.Tcp), (flow.Facts.Listener, flow.Facts.Transport));
        flow.Decide(FlowVerdict.Discard);
    }

    [Fact]
    public async Task AcceptAsync_AnyProtocol_SmallPacketsAreNotDelayed()
    {
        var protocol = new NotingProtocol();
        await using var listener = TcpStreamListener.Bind(FlowEndpoint.From(IPAddress.Loopback, 0), 0, _time, protocol: protocol);
        using var client = await ConnectAsync(listener.LocalEndpoint);
        var flow = await listener.AcceptAsync(CancellationToken.None).Soon();
        Assert.True(protocol.NoDelay);
        flow!.Decide(FlowVerdict.Discard);
    }

    [Fact]
    public async Task AcceptAsync_Wildcard_GivesTheAddressThatWasAsked()
    {
        await using var listener = TcpStreamListener.Bind(FlowEndpoint.From(IPAddress.Any, 0), 0, _time);
        using var client = await ConnectAsync(FlowEndpoint.From(IPAddress.Parse("127.0.0.9"), listener.LocalEndpoint.Port));
        var flow = await listener.AcceptAsync(CancellationToken.None).Soon();
        Assert.Equal(IPAddress.Parse("127.0.0.9"), flow!.RemoteEndpoint.ToAddress());
        flow.Decide(FlowVerdict.Discard);
    }

    [Fact]
    public async Task Bind_BothWildcardsOnOnePort_EachTakesItsFamily()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return;
        }

        await using var six = TcpStreamListener.Bind(FlowEndpoint.From(IPAddress.IPv6Any, 0), 6, _time);
        await using var four = TcpStreamListener.Bind(FlowEndpoint.From(IPAddress.Any, six.LocalEndpoint.Port), 4, _time);
        using var client = await ConnectAsync(FlowEndpoint.From(IPAddress.IPv6Loopback, six.LocalEndpoint.Port));
        var flow = await six.AcceptAsync(CancellationToken.None).Soon();
        Assert.Equal(IPAddress.IPv6Loopback, flow!.LocalEndpoint.ToAddress());
        flow.Decide(FlowVerdict.Discard);
    }

    [Fact]
    public void Bind_SecondListenerOnTheAddress_IsRefused()
    {
        var exception = Assert.Throws<SocketException>(() => TcpStreamListener.Bind(_listener.LocalEndpoint, 0, _time));
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketErrorCode);
    }

    [Fact]
    public async Task Bind_ConnectionsOfAnEarlierRunLinger_Works()
    {
        using (await ConnectAsync())
        {
            var flow = await AcceptAsync();
            flow.CloseRead();
            flow.CloseWrite();      // we close first, so TIME_WAIT is ours
        }

        await _listener.UnbindAsync();
        await using var again = TcpStreamListener.Bind(_listener.LocalEndpoint, 0, _time);
        Assert.Equal(_listener.LocalEndpoint, again.LocalEndpoint);
    }

    [Fact]
    public async Task UnbindAsync_AcceptPending_GivesNullAndFlowsGoOn()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        var accepting = _listener.AcceptAsync(CancellationToken.None);
        await _listener.UnbindAsync();
        Assert.Null(await accepting.Soon());
        Assert.Null(await _listener.AcceptAsync(CancellationToken.None).Soon());
        Assert.True(await flow.WriteAsync("still"u8.ToArray()).Soon());
        flow.Close(FlowCloseReason.Completed);
        Assert.Equal("still", Encoding.ASCII.GetString(await ReadToEndAsync(client)));
    }

    [Fact]
    public async Task Adopt_InheritedSocket_Accepts()
    {
        using var inherited = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        inherited.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        inherited.Listen();
        await using var listener = TcpStreamListener.Adopt(inherited, 0, _time);
        using var client = await ConnectAsync(listener.LocalEndpoint);
        var flow = await listener.AcceptAsync(CancellationToken.None).Soon();
        Assert.Equal(listener.LocalEndpoint, flow!.RemoteEndpoint);
        flow.Decide(FlowVerdict.Discard);
    }

    [Fact]
    public async Task Decide_Discard_ClientSeesAReset()
    {
        using var client = await ConnectAsync();
        await client.SendAsync("query"u8.ToArray());
        (await AcceptAsync()).Decide(FlowVerdict.Discard);
        var exception = await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(client));
        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
    }

    [Fact]
    public async Task ReadAsync_ClientWritesInPieces_GivesAllOfThem()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        for (byte i = 0; i < 50; i++)
        {
            var reading = flow.ReadAsync();
            await client.SendAsync(new[] { i });
            Assert.Equal([i], (await reading.Soon()).ToArray());
        }

        flow.Close(FlowCloseReason.Completed);
    }

    [Fact]
    public async Task ReadAsync_CancelledAndAskedAgain_LosesNothing()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        for (byte i = 0; i < 20; i++)
        {
            using var cancelling = new CancellationTokenSource();
            var reading = flow.ReadAsync(cancelling.Token);
            await cancelling.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading.Soon());
        }

        await client.SendAsync(new byte[] { 1, 2 });
        Assert.Equal([1, 2], (await flow.ReadAsync().Soon()).ToArray());
        flow.Close(FlowCloseReason.Completed);
    }

    [Fact]
    public async Task CloseRead_ReadPending_EndsItAndWritingGoesOn()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        var reading = flow.ReadAsync();
        flow.CloseRead();
        Assert.True((await reading.Soon()).IsEmpty);
        Assert.True(await flow.WriteAsync("late"u8.ToArray()).Soon());
        flow.CloseWrite();
        Assert.Equal("late", Encoding.ASCII.GetString(await ReadToEndAsync(client)));
    }

    [Fact]
    public async Task ReadAsync_ClientResets_IsEmptyWithError()
    {
        var (flow, client) = await OpenAsync();
        var reading = flow.ReadAsync();
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();
        Assert.True((await reading.Soon()).IsEmpty);
        Assert.Equal(FlowError.PeerReset, flow.Error);
        flow.CloseRead(flow.Error);
        flow.CloseWrite(flow.Error);
        Assert.Equal(FlowCloseReason.PeerReset, await flow.Closed.Soon());
    }

    [Fact]
    public async Task Invariant08_ClientThatNeverReads_StopsTheWriterAndIsCutOff()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        var block = new byte[1 << 20];
        ValueTask<bool> writing;
        var written = 0;
        while ((writing = flow.WriteAsync(block)).IsCompleted)
        {
            Assert.True(await writing);
            Assert.True(++written < 64);        // the kernel's buffers end somewhere
        }

        flow.Close(FlowCloseReason.BudgetExceeded, FlowError.TimedOut);
        Assert.False(await writing.Soon());
        Assert.Equal(FlowCloseReason.BudgetExceeded, await flow.Closed.Soon());
    }

    [Fact]
    public async Task WriteAsync_SlowReader_ArrivesWhole()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        var sent = new byte[8 << 20];
        new Random(5).NextBytes(sent);
        var writing = flow.WriteAsync(sent).AsTask();
        var reading = ReadToEndAsync(client);
        Assert.True(await writing.Soon());
        flow.Close(FlowCloseReason.Completed);
        var received = await reading.Soon();
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task Invariant11_HalfClose_AnswerArrivesThenFin()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        await client.SendAsync("query"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("query", Encoding.ASCII.GetString((await flow.ReadAsync().Soon()).Span));
        Assert.True((await flow.ReadAsync().Soon()).IsEmpty);
        flow.CloseRead();
        Assert.True(await flow.WriteAsync("answer"u8.ToArray()).Soon());
        flow.CloseWrite();
        Assert.Equal("answer", Encoding.ASCII.GetString(await ReadToEndAsync(client)));
        Assert.Equal(FlowCloseReason.PeerClosed, await flow.Closed.Soon());
    }

    [Fact]
    public async Task Close_UnreadInput_DoesNotDestroyTheAnswer()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        await client.SendAsync("first"u8.ToArray());
        await flow.ReadAsync().Soon();
        await client.SendAsync(new byte[10_000]);
        Assert.True(await flow.WriteAsync("answer"u8.ToArray()).Soon());
        flow.Close(FlowCloseReason.BudgetExceeded);
        Assert.Equal("answer", Encoding.ASCII.GetString(await ReadToEndAsync(client)));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(FlowCloseReason.BudgetExceeded, await flow.Closed.Soon());
    }

    [Fact]
    public async Task Close_ClientStaysSilent_EndsAfterTheDrainTime()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        flow.Close(FlowCloseReason.IdleTimeout);
        Assert.Empty(await ReadToEndAsync(client));
        Assert.Equal(FlowState.Closing, flow.State);
        _time.Advance(TcpStreamTransport.DrainTime);
        Assert.Equal(FlowCloseReason.IdleTimeout, await flow.Closed.Soon());
    }

    [Fact]
    public async Task TryRead_NothingCame_SaysSoAndHoldsNothingUp()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        Assert.False(flow.TryRead(out var octets));
        var wait = flow.WaitAsync().AsTask();
        await client.SendAsync("one"u8.ToArray());
        await wait.Soon();
        Assert.True(flow.TryRead(out octets));
        Assert.Equal("one", Encoding.ASCII.GetString(octets.Span));
        client.Shutdown(SocketShutdown.Send);
        await ReadToFinAsync(flow).Soon();
        flow.Close(FlowCloseReason.Completed);
        Assert.Equal(FlowCloseReason.Completed, await flow.Closed.Soon());
    }

    [Fact]
    public async Task WaitAsync_ReadIsClosed_Ends()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        var wait = flow.WaitAsync().AsTask();
        flow.CloseRead();
        await wait.Soon();
        Assert.True(flow.TryRead(out var octets) && octets.IsEmpty);
        flow.CloseWrite();
        client.Shutdown(SocketShutdown.Send);
        await flow.Closed.Soon();
    }

    [Fact]
    public async Task WaitAsync_ManySmallSends_NothingIsMissed()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        var sending = SendOneByOneAsync(client, 2_000);
        var total = 0;
        while (total < 2_000)
        {
            while (flow.TryRead(out var octets))
            {
                total += octets.Length;
            }

            await (total < 2_000 ? flow.WaitAsync().AsTask().Soon() : Task.CompletedTask);
        }

        await sending;
        client.Shutdown(SocketShutdown.Send);
        flow.Close(FlowCloseReason.Completed);
        await flow.Closed.Soon();
    }

    private static async Task SendOneByOneAsync(Socket client, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await client.SendAsync(new byte[1]);
        }
    }

    private static async Task ReadToFinAsync(StreamFlow flow)
    {
        while (!flow.TryRead(out var octets) || !octets.IsEmpty)
        {
            await flow.WaitAsync();
        }
    }

    [Fact]
    public async Task Close_ClientKeepsSending_EndsAfterTheDrainLimit()
    {
        var (flow, client) = await OpenAsync();
        using var _ = client;
        flow.Close(FlowCloseReason.BudgetExceeded);
        try
        {
            await client.SendAsync(new byte[4 << 20]).Soon();
        }
        catch (SocketException)
        {
            // Reset while it was sending: what a client that does not stop gets.
        }

        Assert.Equal(FlowCloseReason.BudgetExceeded, await flow.Closed.Soon());
    }

    private async Task<Socket> ConnectAsync(FlowEndpoint? address = null)
    {
        var target = (address ?? _listener.LocalEndpoint).ToIPEndPoint();
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target);
        return socket;
    }

    private async Task<StreamFlow> AcceptAsync() => (await _listener.AcceptAsync(CancellationToken.None).Soon())!;

    private async Task<(StreamFlow Flow, Socket Client)> OpenAsync()
    {
        var client = await ConnectAsync();
        var flow = await AcceptAsync();
        flow.Decide(FlowVerdict.Claim);
        Assert.True(await flow.OpenAsync());
        return (flow, client);
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var data = new MemoryStream();
        var buffer = new byte[64 << 10];
        int count;
        while ((count = await socket.ReceiveAsync(buffer).Soon()) > 0)
        {
            data.Write(buffer, 0, count);
        }

        return data.ToArray();
    }

    /// <summary>A protocol that brings its own server, as HTTPS does.</summary>
    private sealed class NotingProtocol : IStreamProtocol
    {
        public bool NoDelay { get; private set; }

        public FlowTransport Transport => FlowTransport.Https;

        public IStreamTransport Open(Socket socket, in FlowEndpoint client)
        {
            NoDelay = socket.NoDelay;
            return new TcpStreamTransport(socket, TimeProvider.System);
        }
    }
}
