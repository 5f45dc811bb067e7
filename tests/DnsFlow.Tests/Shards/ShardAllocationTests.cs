using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Tests.Lists;
using DnsFlow.Tests.Policy;
using DnsFlow.Transports;
using DnsFlow.Upstreams;
using DnsFlow.Zones;
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

    [Theory]
    [InlineData("ads.example", QueryOutcome.Blocked)]
    [InlineData("localhost", QueryOutcome.Local)]
    public void RunOnce_QueriesAnsweredHere_AllocateNothing(string name, QueryOutcome outcome)
    {
        var query = Wire.Query(name, udpSize: 1232);
        var network = new RepeatingNetwork(query, ShardHarness.Client(0), ShardHarness.Listener);
        var clock = new MonotonicClock(new ManualTimeProvider());
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions());
        var counters = new TrafficCounters(1, shared: false);
        var rules = TestRules.Query("""[{ "When": { "Domains": ["ads.example"] }, "Action": "block" }, { "Action": "forward", "To": "default" }]""");
        using var shard = Shard(network, clock, cache, group, counters, [new PolicyStep(rules), new SpecialNamesStep()]);

        Run(shard, network, Queries);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(shard, network, Queries);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(2 * Queries, network.Answered);
        Assert.Equal(2 * Queries, Enumerable.Range(0, 4).Sum(code => counters.Responses(0, outcome, code)));
    }

    [Fact]
    public void RunOnce_ListedQueriesInBatches_AreBlockedAndAllocateNothing()
    {
        var query = Wire.Query("www.ads.example", udpSize: 1232);
        var network = new RepeatingNetwork(query, ShardHarness.Client(0), ShardHarness.Listener);
        var clock = new MonotonicClock(new ManualTimeProvider());
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions());
        var counters = new TrafficCounters(1, shared: false);
        var lists = new CountingLists(TestLists.Set(TestLists.Read("||ads.example^")));
        var rules = TestRules.Query("""[{ "When": { "Lists": ["ads"] }, "Action": "block" }, { "Action": "forward", "To": "default" }]""", lists);
        using var shard = Shard(network, clock, cache, group, counters, [new PolicyStep(rules)], lists: lists);

        Run(shard, network, Queries);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(shard, network, Queries);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(2 * Queries, Enumerable.Range(0, 4).Sum(code => counters.Responses(0, QueryOutcome.Blocked, code)));
        Assert.Equal((2 * Queries, 2 * Queries), (lists.Begun, lists.Continued));
    }

    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(250, 5, 1)]
    [InlineData(250, 16, 0)]
    public void RunOnce_FewDatagrams_SleepsOnlyWhenToldTo(int microseconds, int queries, int pauses)
    {
        var network = new RepeatingNetwork(Wire.Query("localhost"), ShardHarness.Client(0), ShardHarness.Listener);
        var clock = new MonotonicClock(new ManualTimeProvider());
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions());
        using var shard = Shard(network, clock, cache, group, new TrafficCounters(1, shared: false), [new SpecialNamesStep()], microseconds);

        Run(shard, network, queries);
        shard.RunOnce(0);

        Assert.Equal(queries, network.Answered);
        Assert.Equal(pauses, network.Pauses);
    }

    [Fact]
    public void RunOnce_ForwardedQueries_AllocateNothingThoughPortsChange()
    {
        var network = new AnsweringNetwork(ShardHarness.Client(0), ShardHarness.Listener);
        var clock = new MonotonicClock(new ManualTimeProvider());
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
        var server = new Upstream(0, "192.0.2.1:53", FlowEndpoint.FromIPv4(0xC0000201, 53), usesDatagrams: true);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions(), new UpstreamServers([server]));
        var counters = new TrafficCounters(1, shared: false);
        using var shard = Shard(network, clock, cache, group, counters, []);

        Run(shard, network, Queries);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(shard, network, Queries);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(2 * Queries, network.Answered);
        Assert.Equal(2 * Queries, counters.Responses(0, QueryOutcome.Forwarded, 0));
        Assert.True(network.Reconnected > Queries / UpstreamSockets.MaxUses, "ports do not change");
        Assert.True(cache.Statistics.Evictions > 0, "the cache was never full");
    }

    private static void Run(Shard shard, AnsweringNetwork network, int queries)
    {
        network.Remaining = queries;
        while (network.Remaining > 0 || shard.InFlight > 0)
        {
            shard.RunOnce(0);
        }
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

    private static Shard Shard(RepeatingNetwork network, MonotonicClock clock, ResponseCache cache, UpstreamGroup group, TrafficCounters counters)
        => Shard(network, clock, cache, group, counters, []);

    private static Shard Shard(
        IDatagramNetwork network, MonotonicClock clock, ResponseCache cache, UpstreamGroup group, TrafficCounters counters, IQueryStep[] steps,
        int coalesceMicroseconds = 0, INameLists? lists = null) => new(
        new ShardServices
        {
            Index = 0,
            Network = network,
            Clock = clock,
            Plan = new PlanReference(new ForwardingPlan
            {
                Engine = new QueryEngine([new ValidationStep(), .. steps, new ForwardAllStep(), new CacheStep(cache)]),
                FlowHandler = new FixedFlowHandler(FlowVerdict.Claim),
                Lists = lists,
                Groups = [group],
                SystemGroup = group,
                Access = [new NetworkSet(NetworkSet.LoopbackAndPrivate)],
            }),
            Limits = new LimitOptions { Flows = 64, InFlight = 512, PerFlow = new FlowLimitOptions { InFlight = 512 } },
            Cache = cache,
            CoalesceMicroseconds = coalesceMicroseconds,
            Resilience = new UpstreamResilience(clock, exchange: new FakeExchange()),
            Detours = new DetourRunner(clock, cache.Seed, NullLogger.Instance),
            Counters = counters,
            Logger = NullLogger.Instance,
        },
        [(network.Listen(ShardHarness.Listener, shared: false), 0)]);
}
