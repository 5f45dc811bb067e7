using System.Text;
using DnsFlow.Flows;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;
using static DnsFlow.Tests.Upstreams.TestUpstreams;

namespace DnsFlow.Tests.Upstreams;

public class StrategyTests
{
    private const long Millisecond = 1_000, Start = 3_600_000_000;

    public static TheoryData<string> Names => [.. UpstreamStrategies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Choose_AnyCandidates_IsOneOfThemAndAllocatesNothing(string name)
    {
        var servers = Enumerable.Range(0, 7).Select(_ => NewServer()).ToArray();
        var strategy = Strategy(name);
        var question = Wire.Name("www.example");
        var random = new Random(7);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 2_000; i++)
        {
            var candidates = (ulong)random.Next(1, 128);
            var chosen = strategy.Choose(servers, candidates, new UpstreamQuestion(question, Start));
            if ((candidates >> chosen & 1) == 0)
            {
                Assert.Fail($"{chosen} is not in {candidates:b}");
            }
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000);
    }

    [Fact]
    public void Weighted_ManyQuestions_AreSharedByWeight()
    {
        Upstream[] servers = [Weighted(1, 1), Weighted(2, 3), Weighted(3, 6)];
        var shares = Shares(Strategy("weighted"), servers, 0b111);
        Assert.InRange(shares[0], 0.09, 0.11);
        Assert.InRange(shares[1], 0.28, 0.32);
        Assert.InRange(shares[2], 0.57, 0.63);
        Assert.InRange(Shares(Strategy("weighted"), servers, 0b011)[1], 0.73, 0.77);
    }

    [Fact]
    public void LeastOutstanding_OneIsBusy_IsAskedLess()
    {
        Upstream[] servers = [Weighted(1, 1), Weighted(2, 1), Weighted(3, 2)];
        servers[0].Sent();
        servers[1].Sent();
        servers[2].Sent();
        Assert.Equal(2, Strategy("leastOutstanding").Choose(servers, 0b111, default));      // half a question for its weight
        servers[1].Succeeded(Millisecond, Start);
        Assert.Equal(1, Strategy("leastOutstanding").Choose(servers, 0b111, default));
    }

    [Fact]
    public void Fastest_OneIsSlow_IsAskedRarelyButNotNever()
    {
        Upstream[] servers = [Weighted(1, 1), Weighted(2, 1)];
        servers[0].Succeeded(100 * Millisecond, Start);
        servers[1].Succeeded(10 * Millisecond, Start);
        var shares = Shares(Strategy("fastest"), servers, 0b11);
        Assert.InRange(shares[0], 0.002, 0.02);
    }

    [Fact]
    public void Fastest_OneWasNeverHeardOf_IsTried()
    {
        Upstream[] servers = [Weighted(1, 1), Weighted(2, 1)];
        servers[0].Succeeded(Millisecond, Start);
        Assert.InRange(Shares(Strategy("fastest"), servers, 0b11)[1], 0.95, 1);
    }

    [Fact]
    public void ConsistentHash_OneGoesDown_OnlyItsNamesMove()
    {
        var servers = Enumerable.Range(1, 5).Select(number => Weighted(number, 1)).ToArray();
        var strategy = Strategy("consistentHash");
        var moved = 0;
        var counts = new int[5];
        for (var i = 0; i < 5_000; i++)
        {
            var question = new UpstreamQuestion(Wire.Name($"name-{i}.example"), Start);
            var before = strategy.Choose(servers, 0b11111, question);
            counts[before]++;
            Assert.Equal(before, Strategy("consistentHash").Choose(servers, 0b11111, question));
            var after = strategy.Choose(servers, 0b11011, question);
            moved += before != after && before != 2 ? 1 : 0;
            Assert.NotEqual(2, after);
        }

        Assert.Equal(0, moved);
        Assert.All(counts, count => Assert.InRange(count, 800, 1_200));
    }

    [Fact]
    public void Patience_Hedged_FollowsTheRoundTripUnlessConfigured()
    {
        var server = NewServer();
        var hedged = Strategy("hedged");
        Assert.Equal(120 * Millisecond, hedged.Patience(server));
        server.Succeeded(30 * Millisecond, Start);
        Assert.Equal(60 * Millisecond, hedged.Patience(server));
        UpstreamStrategies.TryCreate(new UpstreamGroupOptions { Strategy = "HEDGED", Hedge = { After = TimeSpan.FromMilliseconds(5) } }, out var configured);
        Assert.Equal(5 * Millisecond, configured!.Patience(server));
        Assert.Equal(0, Strategy("parallel").Patience(server));
        Assert.Equal(long.MaxValue, Strategy("fastest").Patience(server));
    }

    [Fact]
    public void TryHedge_ManyQuestions_StaysWithinTheShare()
    {
        var group = Group(new UpstreamGroupOptions { Strategy = "hedged", Hedge = { MaxExtra = 0.05 } }, NewServer(), NewServer());
        var hedges = 0;
        for (var i = 0; i < 10_000; i++)
        {
            group.ChooseFirst(Start + (i * Millisecond));
            hedges += group.TryHedge(Start + (i * Millisecond)) ? 1 : 0;
        }

        Assert.InRange(hedges, 450, 500);
        var none = Group(new UpstreamGroupOptions { Strategy = "hedged", Hedge = { MaxExtra = 0 } }, NewServer(), NewServer());
        none.ChooseFirst(Start);
        Assert.False(none.TryHedge(Start));
    }

    private static double[] Shares(IUpstreamStrategy strategy, Upstream[] servers, ulong candidates)
    {
        var shares = new double[servers.Length];
        for (var i = 0; i < 20_000; i++)
        {
            shares[strategy.Choose(servers, candidates, new UpstreamQuestion(Encoding.ASCII.GetBytes($"{i}"), Start))] += 1 / 20_000.0;
        }

        return shares;
    }

    private static IUpstreamStrategy Strategy(string name)
    {
        Assert.True(UpstreamStrategies.TryCreate(new UpstreamGroupOptions { Strategy = name }, out var strategy, seed: 4711));
        return strategy;
    }

    private static Upstream Weighted(int number, int weight)
        => new(number, $"192.0.2.{number}", FlowEndpoint.FromIPv4(0xC0000200u + (uint)number, 53), usesDatagrams: true, weight: weight);
}
