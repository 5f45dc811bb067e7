using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Transports;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Shards;

/// <summary>Cookies, clients' networks and what is asked ahead of time cost no allocation either.</summary>
public sealed class OptionAllocationTests : IDisposable
{
    private const int Queries = 100_000;
    private const string Name = "www.example";

    // A public address: its network may be told.
    private static readonly FlowEndpoint s_client = FlowEndpoint.FromIPv4(0xC6336407, 5_000);
    private static readonly byte[] s_cookie = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly byte[] s_network = [0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100];

    private readonly ManualTimeProvider _time = new();
    private readonly MonotonicClock _clock;
    private readonly ResponseCache _cache = new(new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
    private readonly TrafficCounters _counters = new(1, shared: false);
    private readonly SubnetTable _subnets = new();

    public OptionAllocationTests() => _clock = new MonotonicClock(_time);

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void RunOnce_CachedQueriesWithCookies_AllocateNothing()
    {
        var network = new RepeatingNetwork(Query(s_cookie), s_client, ShardHarness.Listener);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions());
        using var shard = Shard(network, group, new ServerCookies(CookieSecrets.Random(), CookieDemand.Never, _time));
        Fill(partition: 1);
        AssertAllocatesNothing(() => Run(shard, network));
        Assert.Equal(2 * Queries, _counters.Responses(0, QueryOutcome.Cached, 0));
        Assert.True(network.LastResponse.AsSpan().IndexOf((byte[])[0, 10, 0, 24, .. s_cookie[4..]]) > 0, "no cookie came back");
    }

    [Fact]
    public void RunOnce_CachedQueriesForANetwork_AllocateNothing()
    {
        var network = new RepeatingNetwork(Query(s_network), s_client, ShardHarness.Listener);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions { ClientSubnet = { Mode = SubnetMode.Keep } });
        using var shard = Shard(network, group);
        Fill(_subnets.PartitionOf(1, SubnetOption.Of(s_client, 24, 56)));
        AssertAllocatesNothing(() => Run(shard, network));
        Assert.Equal(2 * Queries, _counters.Responses(0, QueryOutcome.Cached, 0));
        Assert.True(network.LastResponse.AsSpan().IndexOf((byte[])[0, 8, 0, 7, 0, 1, 24, 24, 198, 51, 100]) > 0, "no scope came back");
    }

    [Theory]
    [InlineData(true, SubnetMode.Strip)]
    [InlineData(false, SubnetMode.Set)]
    public void RunOnce_QueriesForwardedWithOptions_AllocateNothing(bool cookies, SubnetMode mode)
    {
        var network = new AnsweringNetwork(s_client, ShardHarness.Listener);
        var server = new Upstream(0, "192.0.2.1:53", FlowEndpoint.FromIPv4(0xC0000201, 53), usesDatagrams: true);
        using var group = new UpstreamGroup(
            "default", 1, new UpstreamGroupOptions { Cookies = cookies, RandomCase = cookies, ClientSubnet = { Mode = mode } }, new UpstreamServers([server]));
        using var shard = Shard(network, group);
        AssertAllocatesNothing(() => Run(shard, network, Queries));
        Assert.Equal(2 * Queries, _counters.Responses(0, QueryOutcome.Forwarded, 0));
        Assert.InRange(network.AskedWithOptions, 2 * Queries, int.MaxValue);
        Assert.Equal(0, server.Statistics.Mismatches);
    }

    [Fact]
    public void RunOnce_HitsThatAskAhead_AllocateNothing()
    {
        const int Hits = 8;
        var network = new AnsweringNetwork(s_client, ShardHarness.Listener) { Names = 1 };
        var server = new Upstream(0, "192.0.2.1:53", FlowEndpoint.FromIPv4(0xC0000201, 53), usesDatagrams: true);
        using var group = new UpstreamGroup("default", 1, new UpstreamGroupOptions(), new UpstreamServers([server]));
        using var shard = Shard(network, group);
        Run(shard, network, 1);
        AssertAllocatesNothing(() =>
        {
            for (var i = 0; i < Queries / Hits; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(3_400));     // of 3,600
                Run(shard, network, Hits);
                shard.RunOnce(0);
                shard.RunOnce(0);
            }
        });
        Assert.Equal(2 * Queries, _counters.Responses(0, QueryOutcome.Cached, 0));
        Assert.Equal(2 * Queries / Hits, _cache.Statistics.Prefetches);
    }

    private static void AssertAllocatesNothing(Action work)
    {
        work();         // every method is compiled now
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Run(Shard shard, RepeatingNetwork network)
    {
        network.Remaining = Queries;
        while (network.Remaining > 0)
        {
            shard.RunOnce(0);
        }
    }

    private static void Run(Shard shard, AnsweringNetwork network, int queries)
    {
        network.Remaining = queries;
        while (network.Remaining > 0 || shard.InFlight > 0)
        {
            shard.RunOnce(0);
        }
    }

    private static byte[] Query(byte[] option) => [.. Wire.Query(Name, udpSize: 1232)[..^2], 0, (byte)option.Length, .. option];

    private void Fill(uint partition)
    {
        var query = Wire.Query(Name, udpSize: 1232);
        QueryView.TryParse(query, out var view);
        Assert.True(new ResponseScrubber().TryScrub(Wire.Answer(query, 3_000, "198.51.100.7"), view.Question(query), _cache.Limits, out var response));
        _cache.Store(0, new QuestionKey(Wire.Name(Name), RecordType.A, RecordClass.IN, false, false, partition, _cache.Seed), response, _clock.Now);
    }

    private Shard Shard(IDatagramNetwork network, UpstreamGroup group, ServerCookies? cookies = null) => new(
        new ShardServices
        {
            Index = 0,
            Network = network,
            Clock = _clock,
            Plan = new PlanReference(new ForwardingPlan
            {
                Engine = new QueryEngine(
                    [new ValidationStep(cookies), new ForwardAllStep(), new SubnetStep([group.Options.ClientSubnet], _subnets), new CacheStep(_cache)]),
                FlowHandler = new FixedFlowHandler(FlowVerdict.Claim),
                Groups = [group],
                SystemGroup = group,
                Cookies = cookies,
                Subnets = _subnets,
                Access = [new NetworkSet([System.Net.IPNetwork.Parse("0.0.0.0/0")])],
            }),
            Limits = new LimitOptions
            {
                Flows = 64,
                InFlight = 512,
                PerFlow = new FlowLimitOptions { InFlight = 512 },
                PerClient = new ClientLimitOptions { Exempt = [System.Net.IPNetwork.Parse("0.0.0.0/0")] },
            },
            Cache = _cache,
            Resilience = new UpstreamResilience(_clock, exchange: new FakeExchange()),
            Detours = new DetourRunner(_clock, _cache.Seed, NullLogger.Instance),
            Counters = _counters,
            Logger = NullLogger.Instance,
        },
        [(network.Listen(ShardHarness.Listener, shared: false), 0)]);
}
