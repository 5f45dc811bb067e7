using DnsFlow.Telemetry;
using DnsFlow.Upstreams;
using static DnsFlow.Tests.Upstreams.TestUpstreams;

namespace DnsFlow.Tests.Upstreams;

public class UpstreamTests
{
    private const long Start = 3_600_000_000;

    [Fact]
    public void Statistics_EveryEnd_IsCountedOnceAndNothingIsOutstanding()
    {
        var server = NewServer();
        UpstreamError[] ends = [UpstreamError.Timeout, UpstreamError.Refused, UpstreamError.BadResponse, UpstreamError.Abandoned];
        foreach (var error in ends)
        {
            server.Sent();
            server.Failed(error, Start);
        }

        server.Sent();
        server.Succeeded(1_000, Start);
        server.Sent();
        var statistics = server.Statistics;
        Assert.Equal((6, 1, 1, 2, 1), (statistics.Sent, statistics.Answered, statistics.Timeouts, statistics.Errors, statistics.Abandoned));
        Assert.Equal(1, statistics.Outstanding);
    }

    [Fact]
    public void SucceededLate_AfterTimeout_IsCountedApart()
    {
        var server = NewServer();
        server.Sent();
        server.Failed(UpstreamError.Timeout, Start);
        server.SucceededLate(900_000);
        var counts = new long[LatencyHistogram.Buckets];
        server.Statistics.RoundTrips.AddTo(counts);
        Assert.Equal((0, 1, 1), (server.Statistics.Answered, server.Statistics.Late, counts.Sum()));
    }

    [Theory]
    [InlineData(UpstreamError.Spoofed)]
    [InlineData(UpstreamError.Abandoned)]
    [InlineData(UpstreamError.Shed)]
    [InlineData(UpstreamError.BadResponse)]
    public void Failed_NotTheServersSilence_NeverTakesItDown(UpstreamError error)
    {
        var server = NewServer();
        for (var i = 0; i < 100; i++)
        {
            server.Failed(error, Start);
        }

        Assert.True(server.TryUse(Start));
    }

    [Fact]
    public void Failed_ByDatagrams_LeavesStreamsAlone()
    {
        var server = NewServer();
        TakeDown(server, Start);
        Assert.True(server.StreamHealth.TryUse(Start));
        Assert.Same(NewServer(usesDatagrams: false) is var stream ? stream.Health : null, stream.StreamHealth);
    }

    [Fact]
    public async Task OnChanged_LeavesAndRejoins_IsTold()
    {
        var changes = new List<bool>();
        var server = new Upstream(1, "told", default, true, null, (_, isDown) =>
        {
            lock (changes)
            {
                changes.Add(isDown);
            }
        });
        TakeDown(server, Start);
        await Until(() => Count() == 1);
        server.Succeeded(1_000, Start);
        await Until(() => Count() == 2);
        Assert.Equal([true, false], changes);

        int Count()
        {
            lock (changes)
            {
                return changes.Count;
            }
        }
    }
}
