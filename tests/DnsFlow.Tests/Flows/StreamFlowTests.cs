using System.Text;
using DnsFlow.Flows;

namespace DnsFlow.Tests.Flows;

public class StreamFlowTests
{
    [Fact]
    public async Task ReadAsync_ClientSent_GivesItsOctets()
    {
        var (flow, client, _) = TestFlows.OpenStream();
        var reading = flow.ReadAsync();
        Assert.False(reading.IsCompleted);
        await client.WriteAsync("query"u8.ToArray(), CancellationToken.None);
        Assert.Equal("query", Encoding.ASCII.GetString((await reading.Soon()).Span));
    }

    [Fact]
    public async Task ReadAsync_NotOpen_TakesNothingFromTheConnection()
    {
        var (flow, client, server) = TestFlows.Stream();
        await client.WriteAsync("query"u8.ToArray(), CancellationToken.None);
        await Assert.ThrowsAsync<FlowException>(async () => await flow.ReadAsync());
        Assert.Equal(5, server.Unread);
    }

    [Fact]
    public async Task ReadAsync_MoreThanOneBuffer_TheRestStaysInTheConnection()
    {
        var (flow, client, server) = TestFlows.OpenStream();
        await client.WriteAsync(new byte[StreamFlow.ReadLength + 10], CancellationToken.None);
        Assert.Equal(StreamFlow.ReadLength, (await flow.ReadAsync()).Length);
        Assert.Equal(10, server.Unread);
        Assert.Equal(10, (await flow.ReadAsync()).Length);
    }

    [Fact]
    public async Task ReadAsync_ClientEnds_IsEmptyWithoutErrorEveryTime()
    {
        var (flow, client, _) = TestFlows.OpenStream();
        client.ShutdownSend();
        Assert.True((await flow.ReadAsync().Soon()).IsEmpty);
        Assert.True((await flow.ReadAsync().Soon()).IsEmpty);
        Assert.Null(flow.Error);
        Assert.True(await flow.WriteAsync("answer"u8.ToArray()));
        flow.CloseRead();
        flow.CloseWrite();
        Assert.Equal(FlowCloseReason.PeerClosed, await flow.Closed.Soon());
    }

    [Fact]
    public async Task ReadAsync_ClientResets_IsEmptyWithError()
    {
        var (flow, client, _) = TestFlows.OpenStream();
        var reading = flow.ReadAsync();
        client.Abort();
        Assert.True((await reading.Soon()).IsEmpty);
        Assert.Equal(FlowError.PeerReset, flow.Error);
        Assert.False(await flow.WriteAsync(new byte[1]));
    }

    [Fact]
    public async Task ReadAsync_Cancelled_LosesNothing()
    {
        var (flow, client, _) = TestFlows.OpenStream();
        using var cancelling = new CancellationTokenSource();
        var reading = flow.ReadAsync(cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading.Soon());
        await client.WriteAsync(new byte[3], CancellationToken.None);
        Assert.Equal(3, (await flow.ReadAsync().Soon()).Length);
    }

    [Fact]
    public async Task CloseRead_ReadPending_EndsIt()
    {
        var (flow, _, _) = TestFlows.OpenStream();
        var reading = flow.ReadAsync();
        flow.CloseRead();
        Assert.True((await reading.Soon()).IsEmpty);
        Assert.True((await flow.ReadAsync().Soon()).IsEmpty);
    }

    [Fact]
    public async Task CloseWrite_WritePending_WritesItFirst()
    {
        var (flow, client, _) = TestFlows.OpenStream(capacity: 4);
        var writing = flow.WriteAsync("answer"u8.ToArray());
        flow.CloseWrite();
        flow.CloseRead();
        Assert.False(flow.Closed.IsCompleted);
        var (data, error) = await client.ReadAllAsync();
        Assert.Equal("answer", Encoding.ASCII.GetString(data));
        Assert.Null(error);
        Assert.True(await writing.Soon());
        Assert.Equal(FlowCloseReason.Completed, await flow.Closed.Soon());
    }

    [Fact]
    public async Task Close_ErrorWhileAWriteIsStalled_CutsItOff()
    {
        var (flow, client, _) = TestFlows.OpenStream(capacity: 4);
        var writing = flow.WriteAsync("answer"u8.ToArray());
        flow.Close(FlowCloseReason.BudgetExceeded, FlowError.TimedOut);
        Assert.False(await writing.Soon());
        Assert.Equal(FlowCloseReason.BudgetExceeded, await flow.Closed.Soon());
        Assert.True(client.IsReset);
    }

    [Fact]
    public async Task WriteAsync_Cancelled_EndsWithAReset()
    {
        var (flow, client, _) = TestFlows.OpenStream(capacity: 4);
        using var cancelling = new CancellationTokenSource();
        var writing = flow.WriteAsync("answer"u8.ToArray(), cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writing.Soon());
        flow.CloseRead();
        flow.CloseWrite();
        await flow.Closed.Soon();
        Assert.True(client.IsReset);
    }

    [Fact]
    public async Task WriteAsync_SecondPending_IsInvalidArgument()
    {
        var (flow, _, _) = TestFlows.OpenStream(capacity: 4);
        _ = flow.WriteAsync("answer"u8.ToArray()).AsTask();
        var exception = await Assert.ThrowsAsync<FlowException>(async () => await flow.WriteAsync(new byte[1]));
        Assert.Equal(FlowError.InvalidArgument, exception.Error);
    }

    [Fact]
    public async Task TryWriteAsync_AfterCloseWrite_IsFalse()
    {
        var (flow, _, _) = TestFlows.OpenStream();
        flow.CloseWrite();
        Assert.False(await flow.TryWriteAsync(new byte[1]));
    }

    [Fact]
    public async Task WriteAsync_ProxyEndedTheFlow_IsFalse()
    {
        var (flow, _, _) = TestFlows.OpenStream();
        flow.Close(FlowCloseReason.IdleTimeout);
        Assert.False(await flow.WriteAsync(new byte[1]));
    }
}
