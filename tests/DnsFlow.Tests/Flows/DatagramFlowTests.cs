using DnsFlow.Flows;

namespace DnsFlow.Tests.Flows;

public class DatagramFlowTests
{
    private readonly RecordingSink _sink = new();

    [Fact]
    public void TryDeliver_NotOpen_HoldsFourAndDropsTheNewest()
    {
        var flow = TestFlows.Datagrams(_sink);
        for (var i = 0; i < DatagramFlow.MaxWaiting; i++)
        {
            Assert.Equal(DatagramDelivery.Taken, flow.TryDeliver([(byte)i]));
        }

        Assert.Equal(DatagramDelivery.Full, flow.TryDeliver([9]));
        Assert.Equal<byte[]>([[0], [1], [2], [3]], flow.TakeWaiting().Select(datagram => datagram.Payload.ToArray()));
    }

    [Fact]
    public void TryDeliver_NotOpen_HoldsEightKibibytes()
    {
        var flow = TestFlows.Datagrams(_sink);
        Assert.Equal(DatagramDelivery.Taken, flow.TryDeliver(new byte[4_096]));
        Assert.Equal(DatagramDelivery.Taken, flow.TryDeliver(new byte[4_096]));
        Assert.Equal(DatagramDelivery.Full, flow.TryDeliver(new byte[1]));
    }

    [Fact]
    public async Task TryDeliver_WhileBeingRead_HoldsMoreButStillLittle()
    {
        var flow = TestFlows.OpenDatagrams(_sink);
        var first = flow.ReadAsync();
        flow.TryDeliver([1]);
        Assert.Single(await first.Soon());
        var taken = Enumerable.Range(0, 100).Count(_ => flow.TryDeliver([2]) == DatagramDelivery.Taken);
        Assert.Equal(DatagramFlow.MaxHeld, taken);
        Assert.Equal(DatagramFlow.MaxHeld, (await flow.ReadAsync()).Count);
        Assert.Equal(DatagramDelivery.Taken, flow.TryDeliver(new byte[DatagramFlow.MaxBytes]));
    }

    [Fact]
    public async Task ReadAsync_AtMostOne_LeavesTheOthers()
    {
        var flow = TestFlows.OpenDatagrams(_sink);
        flow.TryDeliver([1]);
        flow.TryDeliver([2]);
        Assert.Equal([1], (await flow.ReadAsync(1, CancellationToken.None)).Single().Payload.ToArray());
        Assert.Equal([2], (await flow.ReadAsync(1, CancellationToken.None)).Single().Payload.ToArray());
    }

    [Fact]
    public async Task ReadAsync_DatagramWaited_GivesWhereItWasSentTo()
    {
        var flow = TestFlows.Datagrams(_sink);
        flow.TryDeliver([7]);
        flow.Decide(FlowVerdict.Claim);
        await flow.OpenAsync();
        var datagram = Assert.Single(await flow.ReadAsync());
        Assert.Equal(TestFlows.Server, datagram.Remote);
    }

    [Fact]
    public async Task ReadAsync_Cancelled_LosesNothing()
    {
        var flow = TestFlows.OpenDatagrams(_sink);
        using var cancelling = new CancellationTokenSource();
        var reading = flow.ReadAsync(cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading.Soon());
        flow.TryDeliver([1]);
        Assert.Single(await flow.ReadAsync().Soon());
    }

    [Fact]
    public async Task CloseRead_ReadPending_EndsItAndTakesNoMore()
    {
        var flow = TestFlows.OpenDatagrams(_sink);
        var reading = flow.ReadAsync();
        flow.CloseRead();
        Assert.Empty(await reading.Soon());
        Assert.Equal(DatagramDelivery.Closed, flow.TryDeliver([1]));
        flow.CloseWrite();
        Assert.Equal(FlowCloseReason.Completed, await flow.Closed.Soon());
    }

    [Fact]
    public async Task WriteAsync_List_GoesToTheSinkInOrder()
    {
        var flow = TestFlows.OpenDatagrams(_sink);
        Assert.True(await flow.WriteAsync([new Datagram(new byte[] { 1 }, TestFlows.Server), new Datagram(new byte[] { 2 }, TestFlows.Server)]));
        Assert.Equal<byte[]>([[1], [2]], _sink.Sent);
    }

    [Fact]
    public async Task WriteAsync_SinkFull_IsFalse()
    {
        _sink.HasRoom = false;
        var flow = TestFlows.OpenDatagrams(_sink);
        Assert.False(await flow.WriteAsync([new Datagram(new byte[1], TestFlows.Server)]));
    }

    [Fact]
    public async Task WriteAsync_OtherSource_IsInvalidArgument()
    {
        var flow = TestFlows.OpenDatagrams(_sink);
        var exception = await Assert.ThrowsAsync<FlowException>(async () => await flow.WriteAsync([new Datagram(new byte[1], TestFlows.Client)]));
        Assert.Equal(FlowError.InvalidArgument, exception.Error);
        Assert.Empty(_sink.Sent);
    }

    [Fact]
    public void Decide_Discard_IsSilence()
    {
        var flow = TestFlows.Datagrams(_sink);
        flow.TryDeliver([1]);
        flow.Decide(FlowVerdict.Discard);
        Assert.Equal(FlowState.Ended, flow.State);
        Assert.Equal(DatagramDelivery.Closed, flow.TryDeliver([1]));
        Assert.Empty(_sink.Sent);
    }
}
