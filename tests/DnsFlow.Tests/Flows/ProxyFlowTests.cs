using DnsFlow.Flows;

namespace DnsFlow.Tests.Flows;

public class ProxyFlowTests
{
    [Fact]
    public async Task OpenAsync_Claimed_GoesFromClosedToOpen()
    {
        var (flow, _, _) = TestFlows.Stream();
        Assert.Equal(FlowState.Closed, flow.State);
        flow.Decide(FlowVerdict.Claim);
        Assert.True(await flow.OpenAsync());
        Assert.Equal(FlowState.Open, flow.State);
    }

    [Fact]
    public async Task OpenAsync_BeforeTheVerdict_WaitsForIt()
    {
        var (flow, _, _) = TestFlows.Stream();
        var opening = flow.OpenAsync().AsTask();
        Assert.False(opening.IsCompleted);
        Assert.Equal(FlowState.Opening, flow.State);
        flow.Decide(FlowVerdict.Claim);
        Assert.True(await opening.Soon());
    }

    [Theory]
    [InlineData(FlowVerdict.Discard)]
    [InlineData(FlowVerdict.Pass)]
    public async Task OpenAsync_AnotherVerdict_IsFalse(FlowVerdict verdict)
    {
        var (flow, _, _) = TestFlows.Stream();
        var opening = flow.OpenAsync().AsTask();
        flow.Decide(verdict);
        Assert.False(await opening.Soon());
        Assert.NotEqual(FlowState.Open, flow.State);
    }

    [Fact]
    public async Task OpenAsync_SecondCall_IsInvalidArgument()
    {
        var (flow, _, _) = TestFlows.Stream();
        flow.Decide(FlowVerdict.Claim);
        await flow.OpenAsync();
        var exception = await Assert.ThrowsAsync<FlowException>(async () => await flow.OpenAsync());
        Assert.Equal(FlowError.InvalidArgument, exception.Error);
    }

    [Fact]
    public async Task OpenAsync_FlowEndedWhileWaiting_IsFalse()
    {
        var (flow, _, _) = TestFlows.Stream();
        var opening = flow.OpenAsync().AsTask();
        flow.Close(FlowCloseReason.Evicted);
        Assert.False(await opening.Soon());
        Assert.Equal(FlowCloseReason.Evicted, await flow.Closed.Soon());
    }

    [Fact]
    public void TryOpen_PassedAlthoughTheProviderTriedToOpen_Opens()
    {
        var (flow, _, _) = TestFlows.Stream();
        _ = flow.OpenAsync().AsTask();
        flow.Decide(FlowVerdict.Pass);
        Assert.True(flow.TryOpen());
    }

    [Fact]
    public void Close_OneDirection_IsClosingAndNotEnded()
    {
        var (flow, _, _) = TestFlows.OpenStream();
        flow.CloseRead();
        Assert.Equal(FlowState.Closing, flow.State);
        Assert.False(flow.Closed.IsCompleted);
        flow.CloseWrite();
        Assert.Equal(FlowState.Ended, flow.State);
    }

    [Theory]
    [InlineData(null, FlowCloseReason.Completed)]
    [InlineData(FlowError.PeerReset, FlowCloseReason.PeerReset)]
    [InlineData(FlowError.HostUnreachable, FlowCloseReason.UpstreamFailed)]
    [InlineData(FlowError.Refused, FlowCloseReason.UpstreamFailed)]
    [InlineData(FlowError.TimedOut, FlowCloseReason.UpstreamTimeout)]
    [InlineData(FlowError.Aborted, FlowCloseReason.ProviderStopped)]
    [InlineData(FlowError.Internal, FlowCloseReason.Internal)]
    public async Task Closed_Error_IsTheReason(FlowError? error, FlowCloseReason reason)
    {
        var (flow, _, _) = TestFlows.OpenStream();
        flow.CloseWrite(error);
        flow.CloseRead();
        Assert.Equal(reason, await flow.Closed.Soon());
    }

    [Fact]
    public async Task CloseRead_SecondError_FirstOneStays()
    {
        var (flow, _, _) = TestFlows.OpenStream();
        flow.CloseRead(FlowError.TimedOut);
        flow.CloseWrite(FlowError.Internal);
        Assert.Equal(FlowError.TimedOut, flow.Error);
        Assert.Equal(FlowCloseReason.UpstreamTimeout, await flow.Closed.Soon());
    }

    [Fact]
    public async Task Close_AfterAnError_TheErrorStaysTheReason()
    {
        var (flow, _, _) = TestFlows.OpenStream();
        flow.CloseRead(FlowError.PeerReset);
        flow.Close(FlowCloseReason.IdleTimeout);
        Assert.Equal(FlowCloseReason.PeerReset, await flow.Closed.Soon());
    }

    [Fact]
    public async Task Decide_Discard_EndsWithAReset()
    {
        var (flow, client, server) = TestFlows.Stream();
        flow.Decide(FlowVerdict.Discard);
        Assert.Equal(FlowCloseReason.Discarded, await flow.Closed.Soon());
        Assert.True(server.IsClosed);
        Assert.True(client.IsReset);
    }

    [Fact]
    public void Decide_SecondVerdict_FirstOneStays()
    {
        var (flow, _, _) = TestFlows.Stream();
        flow.Decide(FlowVerdict.Claim);
        flow.Decide(FlowVerdict.Discard);
        Assert.True(flow.TryOpen());
    }

    [Fact]
    public void Closed_AskedForAfterTheEnd_IsComplete()
    {
        var (flow, _, _) = TestFlows.OpenStream();
        flow.Close(FlowCloseReason.IdleTimeout);
        Assert.True(flow.Closed.IsCompletedSuccessfully);
        Assert.Same(flow.Closed, flow.Closed);
    }

    [Fact]
    public void Id_ManyFlows_AreDifferent()
        => Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(_ => TestFlows.Stream(16).Flow.Id).Distinct().Count());
}
