using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Shards;

/// <summary>DNSBomb (CVE-2024-33655): many questions of one address get their answers in one moment; they must not leave in one moment.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Pulse_OfTwoHundredAnswers_LeavesAtFiftyInAnyTenMilliseconds()
    {
        using var harness = New(drain: 50);
        Gather(harness, 200);
        var perWindow = new List<int> { Arrived(harness, 200) };
        while (perWindow.Sum() < 200 && perWindow.Count < 20)
        {
            harness.Elapse(Window);
            perWindow.Add(Arrived(harness, 200));
        }

        Assert.Equal(200, perWindow.Sum());
        Assert.All(perWindow.Zip(perWindow.Skip(1)), static pair => Assert.InRange(pair.First + pair.Second, 0, 50));
        Assert.Equal(0, harness.Shard.InFlight);
        Assert.Equal(200, harness.Count(QueryOutcome.Forwarded));
        Assert.Equal(harness.Received(), harness.Finished());
    }

    [Fact]
    public void Pulse_AnotherClient_DoesNotWait()
    {
        using var harness = New(drain: 50);
        var other = FlowEndpoint.FromIPv4(0x7F000002, 5_000);
        harness.SendFrom(other, Wire.Query("other.example"));
        Gather(harness, 200);
        Assert.NotNull(harness.Network.TryTakeForClient(other));
    }

    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(50, 0)]
    public void Pulse_NoBound_LeavesAtOnce(int drain, double rate)
    {
        using var harness = New(drain, rate);
        Gather(harness, 200);
        Assert.Equal(200, Arrived(harness, 200));
    }

    [Fact]
    public void Stop_WhileResponsesWait_SendsThem()
    {
        using var harness = New(drain: 50);
        Gather(harness, 100);
        Arrived(harness, 100);
        harness.Shard.StopListening();
        harness.Shard.End();
        Assert.Equal(0, harness.Shard.InFlight);
        Assert.Equal(100, harness.Count(QueryOutcome.Forwarded));
    }

    private static ShardHarness New(int drain, double rate = 1_000)
    {
        var limits = new LimitOptions { Flows = 1024, InFlight = 512 };
        limits.PerClient.Exempt = [];
        limits.PerClient.Rate = rate;
        limits.PerClient.Drain = drain;
        return new ShardHarness(limits);
    }

    /// <summary>So many questions come from as many ports of one address, and the upstream answers all of them in one moment.</summary>
    private static void Gather(ShardHarness harness, int count)
    {
        for (var i = 0; i < count; i++)
        {
            harness.Send(Wire.Query($"n{i}.example"), client: i);
        }

        while (harness.Upstream.TryTake(out var asked))
        {
            asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        }

        for (var i = 0; i < 4; i++)
        {
            harness.Run();
        }
    }

    private static int Arrived(ShardHarness harness, int clients) => Enumerable.Range(0, clients).Count(client => harness.Response(client) is not null);
}
