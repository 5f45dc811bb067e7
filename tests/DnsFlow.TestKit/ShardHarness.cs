using System.Collections.Immutable;
using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Queries;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.Transports.Memory;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.TestKit;

/// <summary>One shard on the test's own thread, with a network in memory and a clock that stands still: clients ask, upstreams answer, time passes.</summary>
internal sealed class ShardHarness : IDisposable
{
    public static readonly FlowEndpoint Listener = FlowEndpoint.FromIPv4(0x7F000001, 53);

    private readonly PlanReference _plan;

    public ShardHarness(
        LimitOptions? limits = null, IFlowHandler? handler = null, UpstreamGroupOptions? group = null, CacheOptions? cache = null,
        ManualTimeProvider? time = null, CookieDemand? cookies = null, SubnetPolicy? subnets = null, IReadOnlyList<System.Net.IPNetwork>? allow = null, params IQueryStep[] steps)
    {
        Time = time ?? new ManualTimeProvider();
        Clock = new MonotonicClock(Time);
        Cache = new ResponseCache(cache ?? new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
        group ??= new UpstreamGroupOptions();
        UpstreamStrategies.TryCreate(group, out var strategy, seed: 1);
        Group = new UpstreamGroup("default", 1, group, new UpstreamServers([.. Servers]), strategy);
        System = new UpstreamGroup("system", 2, new UpstreamGroupOptions(), new UpstreamServers([SystemServer]));
        var baked = cookies is { } demand ? new ServerCookies(CookieSecrets.Random(), demand, Time) : null;
        var table = new SubnetTable();
        IQueryStep[] between = subnets is null ? [] : [new SubnetStep([subnets], table)];
        _plan = new PlanReference(new ForwardingPlan
        {
            Engine = new QueryEngine([new ValidationStep(baked), .. steps, new ForwardAllStep(), .. between, new CacheStep(Cache)]),
            FlowHandler = handler ?? new FixedFlowHandler(FlowVerdict.Claim),
            Groups = [Group],
            SystemGroup = System,
            Cookies = baked,
            Subnets = table,
            Access = [new NetworkSet(allow ?? NetworkSet.LoopbackAndPrivate)],
        });
        Shard = new Shard(
            new ShardServices
            {
                Index = 0,
                Network = Network,
                Clock = Clock,
                Plan = _plan,
                Limits = limits ?? new LimitOptions { Flows = 1024, InFlight = 256 },
                Cache = Cache,
                Resilience = new UpstreamResilience(Clock, exchange: Exchange),
                Detours = new DetourRunner(Clock, Cache.Seed, NullLogger.Instance),
                Counters = Counters,
                Logger = NullLogger.Instance,
            },
            [(Network.Listen(Listener, shared: false), 0)]);
    }

    public ManualTimeProvider Time { get; }

    public MonotonicClock Clock { get; }

    public MemoryDatagramNetwork Network { get; } = new();

    public FakeExchange Exchange { get; } = new();

    public TrafficCounters Counters { get; } = new(1, shared: false);

    public ResponseCache Cache { get; }

    public UpstreamGroup Group { get; }

    public UpstreamGroup System { get; }

    public Shard Shard { get; }

    public ImmutableArray<Upstream> Servers { get; } =
    [
        new Upstream(0, "192.0.2.1:53", FlowEndpoint.FromIPv4(0xC0000201, 53), usesDatagrams: true),
        new Upstream(1, "192.0.2.2:53", FlowEndpoint.FromIPv4(0xC0000202, 53), usesDatagrams: true),
    ];

    public Upstream SystemServer { get; } = new(2, "192.0.2.3:53", FlowEndpoint.FromIPv4(0xC0000203, 53), usesDatagrams: true);

    /// <summary>The resolver at the address of the first server.</summary>
    public MemoryDatagramUpstream Upstream => Network.Upstream(Servers[0].Endpoint);

    /// <summary>A client's endpoint by number.</summary>
    public static FlowEndpoint Client(int number) => FlowEndpoint.FromIPv4(0x7F000001, (ushort)(10_000 + number));

    /// <summary>A client sends a datagram and the shard does a round.</summary>
    public void Send(byte[] datagram, int client = 0) => SendFrom(Client(client), datagram);

    /// <summary>Any endpoint sends a datagram and the shard does a round.</summary>
    public void SendFrom(FlowEndpoint client, byte[] datagram)
    {
        Network.SendFromClient(client, Listener, datagram);
        Run();
    }

    /// <summary>The shard does all there is to do.</summary>
    public void Run()
    {
        for (var i = 0; i < 4; i++)
        {
            Shard.RunOnce(0);
        }
    }

    /// <summary>Time passes, and the shard acts on it.</summary>
    public void Elapse(TimeSpan time)
    {
        Time.Advance(time);
        Run();
    }

    /// <summary>The oldest response to a client; null when there is none.</summary>
    public byte[]? Response(int client = 0) => Network.TryTakeForClient(Client(client))?.Payload;

    /// <summary>Sum over all outcomes, which together with what is in flight is the total.</summary>
    public long Finished() => Enum.GetValues<QueryOutcome>().Sum(Count);

    /// <summary>Queries that came.</summary>
    public long Received() => Enumerable.Range(0, TrafficCounters.Types.Length).Sum(type => Counters.Queries(0, 0, type));

    /// <summary>Queries that ended so.</summary>
    public long Count(QueryOutcome outcome) => Enumerable.Range(0, 24).Sum(code => Counters.Responses(0, outcome, code));

    public void Dispose()
    {
        Shard.Dispose();
        Cache.Dispose();
        Group.Dispose();
        System.Dispose();
    }
}
