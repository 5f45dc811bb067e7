using BenchmarkDotNet.Attributes;
using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.TestKit;

namespace DnsFlow.Bench;

/// <summary>What one query costs in user time: parsing, finding its flow, and a cached answer through the engine.</summary>
[MemoryDiagnoser]
public class QueryBenchmarks : IDisposable
{
    private static readonly FlowKey s_key = new(FlowTransport.Udp, FlowEndpoint.FromIPv4(0x7F000001, 40_000), FlowEndpoint.FromIPv4(0x7F000001, 53));

    private readonly byte[] _query = Wire.Query("www.example.com", udpSize: 1232);
    private readonly byte[] _lowered = new byte[WireName.MaxLength];
    private readonly byte[] _response = new byte[4096];
    private readonly FlowFacts _facts = new(s_key, 0);
    private readonly FlowTable _flows = new(16_384, seed: 1);
    private readonly ResponseCache _cache = new(new CacheOptions { MaxBytes = 16 << 20 }, segments: 1);
    private QueryEngine _engine = new();
    private long _now;

    /// <summary>Fills the cache with 10,000 names and the table with 10,000 flows.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _engine = new QueryEngine([new ValidationStep(), new ForwardAllStep(), new CacheStep(_cache)]);
        _now = 3_600 * MonotonicClock.Second;
        var scrubber = new ResponseScrubber();
        for (var i = 0; i < 10_000; i++)
        {
            var query = i == 0 ? _query : Wire.Query($"n{i}.example.com", udpSize: 1232);
            QueryView.TryParse(query, out var view);
            scrubber.TryScrub(Wire.Answer(query, 3_600, "192.0.2.1"), view.Question(query), _cache.Limits, out var response);
            var name = view.Name(query).ToArray();
            _cache.Store(0, new QuestionKey(name, view.Type, view.Class, false, false, 1, _cache.Seed), response, _now);
            var key = s_key with { Local = FlowEndpoint.FromIPv4(0x0A000000u + (uint)i, 40_000) };
            _flows.Add(new FlowFacts(key, 0), key.Hash(_flows.Seed), -1, _now);
        }

        _flows.Add(_facts, s_key.Hash(_flows.Seed), -1, _now);
    }

    /// <summary>Header, question and OPT.</summary>
    [Benchmark]
    public QueryStatus Parse() => QueryView.TryParse(_query, out _);

    /// <summary>Hash and lookup among 10,000 flows.</summary>
    [Benchmark]
    public int FindFlow() => _flows.Find(s_key, s_key.Hash(_flows.Seed));

    /// <summary>The whole engine for a name that is in the cache.</summary>
    [Benchmark]
    public int CachedAnswer()
    {
        var context = new QueryContext(_query, in _facts, _lowered, _response, _now) { Shard = 0 };
        _engine.Decide(ref context);
        return context.ResponseLength;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _flows.Dispose();
        GC.SuppressFinalize(this);
    }
}
