using DnsFlow.Flows;

namespace DnsFlow.Tests.Flows;

public class FlowDirectionsTests
{
    [Fact]
    public void TryBegin_OneDirectionClosed_TheOtherGoesOn()
    {
        var directions = default(FlowDirections);
        directions.CloseRead();
        Assert.False(directions.TryBegin(write: false));
        Assert.True(directions.TryBegin(write: true));
        directions.CloseWrite();
        Assert.False(directions.TryBegin(write: true));
    }

    [Fact]
    public void TakeDue_WritePending_ItLeavesFirst()
    {
        var directions = default(FlowDirections);
        directions.TryBegin(write: true);
        directions.CloseRead();
        directions.CloseWrite();
        Assert.Equal(FlowSteps.EndReads, directions.TakeDue(isCutOff: false));
        Assert.True(directions.Finish(write: true));
        Assert.Equal(FlowSteps.EndWrites | FlowSteps.Release, directions.TakeDue(isCutOff: false));
        Assert.Equal(FlowSteps.None, directions.TakeDue(isCutOff: false));
    }

    [Fact]
    public void TakeDue_CutOff_ReleasesAtOnceAndTellsNobodyThatNoMoreComes()
    {
        var directions = default(FlowDirections);
        directions.TryBegin(write: true);
        directions.CloseRead();
        directions.CloseWrite();
        Assert.Equal(FlowSteps.EndReads | FlowSteps.Release, directions.TakeDue(isCutOff: true));
        Assert.True(directions.IsReleasing);
    }

    [Fact]
    public void TakeDue_ReleasedWhileAReadIsPending_EndsWithTheRead()
    {
        var directions = default(FlowDirections);
        directions.TryBegin(write: false);
        directions.CloseRead();
        directions.CloseWrite();
        directions.TakeDue(isCutOff: false);
        directions.Released();
        Assert.Equal(FlowSteps.None, directions.TakeDue(isCutOff: false));
        directions.Finish(write: false);
        Assert.Equal(FlowSteps.End, directions.TakeDue(isCutOff: false));
        Assert.Equal(FlowSteps.None, directions.TakeDue(isCutOff: false));
    }

    [Fact]
    public void Finish_NothingClosed_NothingIsDue()
    {
        var directions = default(FlowDirections);
        directions.TryBegin(write: true);
        Assert.False(directions.Finish(write: true));
        Assert.Equal(FlowSteps.None, directions.TakeDue(isCutOff: false));
    }
}
