using System.Globalization;
using DnsFlow.Names;
using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Names;

public sealed class NameIndexTests
{
    [Theory]
    [InlineData("www.corp.example", "0 | 1 | 2")]
    [InlineData("corp.example", "0 | 1 | 3")]
    [InlineData("example", "0 | 1")]
    [InlineData("example.org", "0")]
    [InlineData(".", "0")]
    public void Find_Name_GivesSetsFromGeneralToSpecific(string name, string expected)
    {
        var index = Build((".", 0), ("example", 1), ("*.corp.example", 2), ("=corp.example", 3));
        Assert.Equal(expected, string.Join(" | ", Sets(index, name)));
    }

    [Fact]
    public void Find_SeveralPatternsOfOneName_AreOneAscendingSetWithoutRepeats()
    {
        var index = Build(("a.example", 5), ("=a.example", 5), ("a.example", 2), ("*.a.example", 9));
        Assert.Equal(["2,5"], Sets(index, "a.example"));
        Assert.Equal(["2,5,9"], Sets(index, "x.a.example"));
    }

    [Fact]
    public void Find_EmptyIndex_FindsNothing() => Assert.Empty(Sets(NameIndex.Empty, "www.example"));

    [Fact]
    public void Find_LongestName_FindsEveryLabel()
    {
        var name = string.Join('.', Enumerable.Repeat("a", 127));
        var builder = new NameIndexBuilder(1);
        for (var i = 0; i <= 127; i++)
        {
            var suffix = i == 0 ? "." : string.Join('.', Enumerable.Repeat("a", i));
            Assert.True(builder.TryAdd(NamePattern.Parse(suffix), i));
        }

        var found = Sets(builder.Build(), name);
        Assert.Equal(Enumerable.Range(0, 128).Select(static i => i.ToString(CultureInfo.InvariantCulture)), found);
    }

    [Fact]
    public void Find_RandomPatterns_AgreesWithAskingEachPattern()
    {
        var label = Gen.Elements("a", "b", "c", "xn--d", "e-f");
        var name = Gen.Choose(0, 4).SelectMany(count => Gen.ArrayOf(label, count)).Select(static labels => labels.Length == 0 ? "." : string.Join('.', labels));
        var pattern = Gen.Elements("", "=", "*.").SelectMany(prefix => name.Select(text => prefix + text));
        var cases = Gen.ListOf(pattern, 12).SelectMany(patterns => Gen.ListOf(name, 6).Select(names => (patterns.ToArray(), names.ToArray())));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Arb.From(cases), static input =>
        {
            var (patterns, names) = input;
            var parsed = patterns.Select(NamePattern.Parse).ToArray();
            var index = Build([.. patterns.Select(static (text, i) => (text, i))]);
            return names.All(text => Expected(parsed, text).SetEquals(Ordinals(index, text)));
        }));

        static HashSet<int> Expected(NamePattern[] patterns, string text) =>
            [.. Enumerable.Range(0, patterns.Length).Where(i => patterns[i].Covers(DomainName.Parse(text).Wire))];
    }

    [Fact]
    public void Build_ManyNames_StaysCompactAndFindsEachWithoutAllocating()
    {
        const int Count = 100_000;
        var builder = new NameIndexBuilder();
        for (var i = 0; i < Count; i++)
        {
            Assert.True(builder.TryAdd(NamePattern.Parse($"host{i}.zone{i % 1000}.example"), 7));
        }

        var index = builder.Build();
        Assert.InRange(index.Bytes, 1, Count * 48L);

        var name = DomainName.Parse("www.host4711.zone711.example").Wire.ToArray();
        var sets = new int[NameIndex.MaxMatches];
        Assert.Equal(1, index.Find(name, sets));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            index.Find(name, sets);
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 10_000);
        Assert.Equal(7, index.Ordinals(sets[0])[0]);
    }

    private static NameIndex Build(params (string Pattern, int Ordinal)[] patterns)
    {
        var builder = new NameIndexBuilder(42);
        foreach (var (pattern, ordinal) in patterns)
        {
            Assert.True(builder.TryAdd(NamePattern.Parse(pattern), ordinal));
        }

        return builder.Build();
    }

    private static List<string> Sets(NameIndex index, string name)
    {
        Span<int> sets = stackalloc int[NameIndex.MaxMatches];
        var found = new List<string>();
        foreach (var set in sets[..index.Find(DomainName.Parse(name).Wire, sets)])
        {
            found.Add(string.Join(',', index.Ordinals(set).ToArray()));
        }

        return found;
    }

    private static IEnumerable<int> Ordinals(NameIndex index, string name) =>
        Sets(index, name).SelectMany(static set => set.Split(',')).Select(static text => int.Parse(text, CultureInfo.InvariantCulture));
}
