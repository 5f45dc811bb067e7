using DnsFlow.Flows;
using DnsFlow.Tests.Flows;
using DnsFlow.Transports.Memory;

namespace DnsFlow.Tests.Transports;

public class MemoryStreamTests
{
    [Fact]
    public async Task WriteAsync_NoRoom_WaitsForTheReader()
    {
        var (client, server) = MemoryStreamTransport.CreatePair(capacity: 3);
        var writing = client.WriteAsync(new byte[] { 1, 2, 3, 4, 5 }, CancellationToken.None).AsTask();
        Assert.False(writing.IsCompleted);
        var buffer = new byte[8];
        Assert.True(server.TryRead(buffer, out var read));
        Assert.Equal(new TransportRead(3, null), read);
        Assert.Null(await writing.Soon());
        Assert.True(server.TryRead(buffer, out read));
        Assert.Equal([4, 5], buffer[..read.Count]);
    }

    [Fact]
    public async Task ShutdownSend_OneDirection_TheOtherGoesOn()
    {
        var (client, server) = MemoryStreamTransport.CreatePair();
        await client.WriteAsync(new byte[2], CancellationToken.None);
        client.ShutdownSend();
        var (data, error) = await server.ReadAllAsync();
        Assert.Equal((2, null), (data.Length, error));
        Assert.Null(await server.WriteAsync(new byte[4], CancellationToken.None));
        server.ShutdownSend();
        Assert.Equal(4, (await client.ReadAllAsync()).Data.Length);
    }

    [Fact]
    public async Task Abort_PeerReading_SeesAReset()
    {
        var (client, server) = MemoryStreamTransport.CreatePair();
        var reading = client.ReadAllAsync();
        server.Abort();
        Assert.Equal(FlowError.PeerReset, (await reading).Error);
        Assert.Equal(FlowError.PeerReset, await client.WriteAsync(new byte[1], CancellationToken.None).Soon());
    }

    [Fact]
    public async Task ReadAsync_EmptyBuffer_WaitsAndTakesNothing()
    {
        var (client, server) = MemoryStreamTransport.CreatePair();
        var waiting = server.ReadAsync(Memory<byte>.Empty, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        await client.WriteAsync(new byte[2], CancellationToken.None);
        Assert.Equal(0, (await waiting.Soon()).Count);
        Assert.Equal(2, server.Unread);
    }

    [Fact]
    public async Task AcceptAsync_ConnectedThenUnbound_GivesTheFlowThenNull()
    {
        await using var listener = new MemoryStreamListener(TestFlows.Server, 3);
        Assert.NotNull(listener.Connect(TestFlows.Client));
        await listener.UnbindAsync();
        Assert.Null(listener.Connect(TestFlows.Client));
        var flow = await listener.AcceptAsync(CancellationToken.None).Soon();
        Assert.Equal((TestFlows.Client, TestFlows.Server, 3), (flow!.LocalEndpoint, flow.RemoteEndpoint, flow.Facts.Listener));
        Assert.Null(await listener.AcceptAsync(CancellationToken.None).Soon());
    }
}
