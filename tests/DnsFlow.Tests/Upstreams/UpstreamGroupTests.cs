using DnsFlow.Upstreams;
using static DnsFlow.Tests.Upstreams.TestUpstreams;

namespace DnsFlow.Tests.Upstreams;

public class UpstreamGroupTests
{
    private const long Millisecond = 1_000, Second = 1_000_000, Start = 3_600 * Second;

    private readonly Upstream _first = NewServer();
    private readonly Upstream _second = NewServer();
    private readonly Upstream _third = NewServer();

    [Fact]
    public void ChooseFirst_Ordered_TakesTheFirstThatIsUp()
    {
        var group = Group(_first, _second, _third);
        Assert.Same(_first, group.ChooseFirst(Start));
        TakeDown(_first, Start);
        Assert.Same(_second, group.ChooseFirst(Start));
        TakeDown(_second, Start);
        Assert.Same(_third, group.ChooseFirst(Start));
    }

    [Theory]
    [InlineData("ordered")]
    [InlineData("roundRobin")]
    public void Preview_OneIsDown_NamesItLastAndTakesNobodysTurn(string strategy)
    {
        var group = Group(new UpstreamGroupOptions { Strategy = strategy }, _first, _second, _third);
        Assert.Equal([_first, _second, _third], group.Preview(new UpstreamQuestion([0], Start)));
        TakeDown(_first, Start);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal([_second, _third, _first], group.Preview(new UpstreamQuestion([0], Start)));
        }
    }

    [Fact]
    public void ChooseFirst_OrderedAndFirstAnswersTheProbe_FailsBack()
    {
        var first = NewServer(new UpstreamGroupOptions { Probe = ProbeMode.Off });
        var group = Group(new UpstreamGroupOptions { Probe = ProbeMode.Off }, first, _second);
        TakeDown(first, Start);
        Assert.Same(first, group.ChooseFirst(Start + Second));     // the probe
        Assert.Same(_second, group.ChooseFirst(Start + Second));
        first.Succeeded(Millisecond, Start + Second);
        Assert.Same(first, group.ChooseFirst(Start + Second));
    }

    [Fact]
    public void ChooseFirst_ServerIsDownAndProbedByUs_GetsNoClientsQuery()
    {
        var group = Group(_first, _second);
        TakeDown(_first, Start);
        Assert.False(group.WantsProbing);
        for (var second = 1; second < 60; second++)
        {
            Assert.Same(_second, group.ChooseFirst(Start + (second * Second)));
        }

        Assert.True(group.WantsProbing);
        Assert.True(group.TryBeginProbing());
        Assert.False(group.TryBeginProbing());
    }

    [Fact]
    public void ChooseFirst_RoundRobin_TakesTurnsAndSkipsWhoIsDown()
    {
        var group = Group(new UpstreamGroupOptions { Strategy = "roundRobin" }, _first, _second, _third);
        Assert.Equal([_first, _second, _third, _first], Enumerable.Range(0, 4).Select(_ => group.ChooseFirst(Start)));
        TakeDown(_second, Start);
        Assert.DoesNotContain(_second, Enumerable.Range(0, 10).Select(_ => group.ChooseFirst(Start)));
    }

    [Fact]
    public void ChooseFirst_FirstAnswersOnlyServfail_IsAskedLast()
    {
        var group = Group(_first, _second);
        AnswerBadly(_first);
        Assert.Same(_second, group.ChooseFirst(Start));
        AnswerBadly(_second);
        Assert.Same(_first, group.ChooseFirst(Start));      // as good as any: a broken zone takes no server away
    }

    [Fact]
    public void ChooseFirst_AllDown_LetsTwentyASecondThroughToAllInTurn()
    {
        var group = Group(_first, _second);
        TakeDown(_first, Start);
        TakeDown(_second, Start);
        var passed = Enumerable.Range(0, 900).Select(i => group.ChooseFirst(Start + (i * Millisecond))).OfType<Upstream>().ToList();
        Assert.Equal(18, passed.Count);
        Assert.Equal(9, passed.Count(server => server == _first));
        Assert.True(group.IsDown);
    }

    [Fact]
    public void ChooseFirst_AllDownAndOneComesBack_IsFoundWithinAHundredMilliseconds()
    {
        var group = Group(_first, _second);
        TakeDown(_first, Start);
        TakeDown(_second, Start);
        for (var now = Start; now <= Start + (100 * Millisecond); now += Millisecond)
        {
            if (group.ChooseFirst(now) == _second)
            {
                _second.Succeeded(Millisecond, now);
            }
        }

        Assert.False(group.IsDown);
        Assert.Same(_second, group.ChooseFirst(Start + (101 * Millisecond)));
    }

    [Fact]
    public void ChooseFirst_NoServers_IsNullAndSaysWhy()
    {
        var group = new UpstreamGroup("empty", 1, new UpstreamGroupOptions());
        Assert.Null(group.ChooseFirst(Start));
        Assert.Null(group.Next([], Start));
        Assert.True(group.IsDown);
        Assert.NotNull(group.Problem);
    }

    [Fact]
    public void ChooseFirst_Always_AllocatesNothing()
    {
        var group = Group(_first, _second);
        TakeDown(_first, Start);
        group.ChooseFirst(Start);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            group.ChooseFirst(Start + i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Next_OneWasAsked_IsAnotherOne()
    {
        var group = Group(_first, _second, _third);
        Assert.Same(_second, group.Next([new AskedServer(_first, false)], Start));
        Assert.Same(_first, group.Next([new AskedServer(_second, false)], Start));
        Assert.Same(_third, group.Next([new AskedServer(_first, false), new AskedServer(_second, true)], Start));
    }

    [Fact]
    public void Next_AllWereAsked_IsOneThatKeptSilent()
    {
        var group = Group(_first, _second);
        Assert.Same(_second, group.Next([new AskedServer(_first, true), new AskedServer(_second, false)], Start));
        Assert.Same(_first, Group(_first).Next([new AskedServer(_first, false)], Start));
    }

    [Fact]
    public void Next_OnlyServerAnsweredBadly_IsNobody() => Assert.Null(Group(_first).Next([new AskedServer(_first, true)], Start));

    [Fact]
    public void Next_OthersAreDown_IsNotOneOfThem()
    {
        var group = Group(_first, _second, _third);
        TakeDown(_second, Start);
        Assert.Same(_third, group.Next([new AskedServer(_first, false)], Start));
    }

    [Fact]
    public void TryEnter_Full_IsRefusedAndCounted()
    {
        var group = new UpstreamGroup("small", 1, new UpstreamGroupOptions(), new UpstreamServers([_first]), maxInFlight: 2);
        Assert.True(group.TryEnter() && group.TryEnter());
        Assert.False(group.TryEnter());
        Assert.Equal((2, 1), (group.InFlight, group.InFlightRefused));
        group.Leave();
        Assert.True(group.TryEnter());
    }

    private static void AnswerBadly(Upstream server)
    {
        for (var i = 0; i < 20; i++)
        {
            server.Failed(UpstreamError.BadResponse, Start);
        }
    }
}
