using BenchmarkDotNet.Attributes;
using DnsFlow.Names;
using DnsFlow.TestKit;

namespace DnsFlow.Bench;

/// <summary>Finding the patterns that cover a name, among few and among many.</summary>
[MemoryDiagnoser]
public class NameIndexBenchmarks
{
    private readonly byte[] _covered = Wire.Name("www.n77.ads.example.");
    private readonly byte[] _other = Wire.Name("www.shop.example.com.");
    private readonly int[] _sets = new int[NameIndex.MaxMatches];
    private NameIndex _index = NameIndex.Empty;

    /// <summary>How many patterns there are.</summary>
    [Params(1_000, 1_000_000)]
    public int Patterns { get; set; }

    /// <summary>Fills the index.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var builder = new NameIndexBuilder(seed: 1);
        for (var i = 0; i < Patterns; i++)
        {
            builder.TryAdd(Wire.Name($"n{i}.ads.example."), NameScope.AtAndBelow, i % 1_000);
        }

        _index = builder.Build();
    }

    /// <summary>A name that one pattern covers.</summary>
    [Benchmark]
    public int Covered() => _index.Find(_covered, _sets);

    /// <summary>A name that no pattern covers.</summary>
    [Benchmark]
    public int NotCovered() => _index.Find(_other, _sets);
}
