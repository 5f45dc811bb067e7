using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Shards;

public sealed class ShardAllocationTests
{
    private const int Queries = 100_000;

    [Fact]
    public void RunOnce_CachedQueries_AllocateNothing()
    {
        var query = Wire.Query("www.example", udpSize: 1232);
        var network = new RepeatingNetwork(query, ShardHarness.Client(0), ShardHarness.Listener);
        var clock = new MonotonicClock(new ManualTimeProvider());
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions());
        var counters = new TrafficCounters(1, shared: false);
        using var shard = Shard(network, clock, cache, group, counters);
        Fill(cache, query, clock.Now);

        Run(shard, network, Queries);        // every method is compiled now
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(shard, network, Queries);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(2 * Queries, network.Answered);
        Assert.Equal("198.51.100.7", Wire.FirstAddress(network.LastResponse));
        Assert.Equal(2 * Queries, counters.Responses(0, QueryOutcome.Cached, 0));
    }

    private static void Run(Shard shard, RepeatingNetwork network, int queries)
    {
        network.Remaining = queries;
        while (network.Remaining > 0)
        {
            shard.RunOnce(0);
        }
    }

    private static void Fill(ResponseCache cache, byte[] query, long now)
    {
        QueryView.TryParse(query, out var view);
        var scrubbed = new ResponseScrubber().TryScrub(Wire.Answer(query, 3_000, "198.51.100.7"), view.Question(query), cache.Limits, out var response);
        Assert.True(scrubbed);
        cache.Store(0, new QuestionKey(Wire.Name("www.example"), RecordType.A, RecordClass.IN, false, false, 1, cache.Seed), response, now);
    }

    private static Shard Shard(RepeatingNetwork network, MonotonicClock clock, ResponseCache cache, UpstreamGroup group, TrafficCounters counters) => new(
        new ShardServices
        {
            Index = 0,
            Network = network,
            Clock = clock,
            Plan = new PlanReference(new ForwardingPlan
            {
                Engine = new QueryEngine([new ValidationStep(), new ForwardAllStep(), new CacheStep(cache)]),
                FlowHandler = new FixedFlowHandler(FlowVerdict.Claim),
                Groups = [group],
                SystemGroup = group,
                Access = [new NetworkSet(NetworkSet.LoopbackAndPrivate)],
            }),
            Limits = new LimitOptions { Flows = 64, InFlight = 64 },
            Cache = cache,
            Resilience = new UpstreamResilience(clock, exchange: new FakeExchange()),
            Counters = counters,
            Logger = NullLogger.Instance,
        },
        [(network, 0)]);
}
