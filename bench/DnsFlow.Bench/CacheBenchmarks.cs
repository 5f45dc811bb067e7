using BenchmarkDotNet.Attributes;
using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.TestKit;

namespace DnsFlow.Bench;

/// <summary>Storing responses: into a cache with room, and into a full one, which has to evict for each.</summary>
[MemoryDiagnoser]
public class CacheBenchmarks : IDisposable
{
    private const int Names = 65_536;
    private const long Now = 3_600 * MonotonicClock.Second;
    private readonly ResponseScrubber _scrubber = new();
    private readonly byte[][] _names = new byte[Names][];
    private readonly byte[] _query = Wire.Query("n1.example.com", udpSize: 1232);
    private readonly byte[] _response;
    private ResponseCache _cache = new(new CacheOptions { MaxBytes = 1 << 20 }, segments: 1);
    private int _next;

    /// <summary>Makes the response that is stored under every name.</summary>
    public CacheBenchmarks() => _response = Wire.Answer(_query, 3_600, "192.0.2.1");

    /// <summary>The cache's bound in MiB: 65,536 names fit into 64, not into 1.</summary>
    [Params(1, 64)]
    public int MebiBytes { get; set; }

    /// <summary>Stores every name once.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _cache.Dispose();
        _cache = new ResponseCache(new CacheOptions { MaxBytes = (long)MebiBytes << 20 }, segments: 1);
        for (var i = 0; i < Names; i++)
        {
            _names[i] = Wire.Name($"n{i}.example.com.");
        }

        for (var i = 0; i < Names; i++)
        {
            ScrubAndStore();
        }
    }

    /// <summary>A response is cleaned and stored, as after each forwarded query.</summary>
    [Benchmark]
    public void ScrubAndStore()
    {
        QueryView.TryParse(_query, out var view);
        if (_scrubber.TryScrub(_response, view.Question(_query), _cache.Limits, out var response))
        {
            var key = new QuestionKey(_names[_next++ & (Names - 1)], view.Type, view.Class, false, false, 1, _cache.Seed);
            _cache.Store(0, key, response, Now);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        GC.SuppressFinalize(this);
    }
}
