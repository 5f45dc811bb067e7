using DnsFlow.Upstreams;
using FsCheck;
using FsCheck.Fluent;
using static DnsFlow.Tests.Upstreams.TestUpstreams;

namespace DnsFlow.Tests.Upstreams;

public sealed class RetryPlanTests
{
    private const long Now = 3_600_000_000;

    [Fact]
    public void TryNext_AnyFailures_ThreePacketsAtMost() => Prop.ForAll<byte[], byte, bool>((failures, servers, firstWasSent) =>
    {
        var group = Group([.. Enumerable.Range(0, 1 + (servers % 4)).Select(_ => NewServer())]);
        var plan = new RetryPlan(new Transaction(
            new TestOwner(), 1, group, Query(), group.Servers[0], firstWasSent ? UpstreamError.Timeout : UpstreamError.None, Now + 1_000_000));
        var sent = firstWasSent ? 1 : 0;
        foreach (var failure in failures)
        {
            if (!plan.TryNext(Now, out var attempt, out _))
            {
                break;
            }

            sent++;
            plan.Ended(attempt, (UpstreamError)(1 + (failure % 7)));
        }

        return sent <= RetryPlan.MaxPackets && plan.Packets == sent;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TryNext_AfterATimeout_TakesAnotherServerFirst()
    {
        var group = Group(NewServer(), NewServer());
        var plan = new RetryPlan(new Transaction(new TestOwner(), 1, group, Query(), group.Servers[0], UpstreamError.Timeout, Now + 1_000_000));
        Assert.True(plan.TryNext(Now, out var attempt, out _));
        Assert.Same(group.Servers[1], attempt.Server);
    }

    [Fact]
    public void Ended_ConnectionLostWithTheLastPacketLeft_GoesToTheOtherServer()
    {
        var group = Group(NewServer(), NewServer());
        var plan = new RetryPlan(new Transaction(new TestOwner(), 1, group, Query(), group.Servers[0], UpstreamError.Truncated, Now + 1_000_000));
        Assert.True(plan.TryNext(Now, out var stream, out _));
        Assert.True(stream.OverStream);
        Assert.False(plan.Ended(stream, UpstreamError.ConnectionLost));
        Assert.True(plan.TryNext(Now, out var other, out _));
        Assert.Same(group.Servers[1], other.Server);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void TryNext_GroupHardensItsQueries_AsksAgainOverAStream(bool cookies, bool randomCase)
    {
        var group = Group(new UpstreamGroupOptions { Cookies = cookies, RandomCase = randomCase }, NewServer(), NewServer());
        var retry = new RetryPlan(new Transaction(new TestOwner(), 1, group, Query(), group.Servers[0], UpstreamError.Timeout, Now + 1_000_000));
        Assert.True(retry.TryNext(Now, out var attempt, out _));
        Assert.True(attempt.OverStream);
        var first = new RetryPlan(new Transaction(new TestOwner(), 1, group, Query(), group.Servers[0], UpstreamError.None, Now + 1_000_000));
        Assert.True(first.TryNext(Now, out attempt, out _));
        Assert.True(attempt.OverStream);
    }

    [Fact]
    public void TryNext_BudgetSpent_SaysSoAndSendsNothing()
    {
        var group = Group(NewServer(), NewServer());
        while (group.RetryBudget.TryTake(Now))
        {
        }

        var plan = new RetryPlan(new Transaction(new TestOwner(), 1, group, Query(), group.Servers[0], UpstreamError.Timeout, Now + 1_000_000));
        Assert.False(plan.TryNext(Now, out _, out var isBudgetSpent));
        Assert.True(isBudgetSpent);
        Assert.Equal(1, plan.Packets);
    }
}
