using DnsFlow.Caching;
using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Caching;

public class CacheModelTests
{
    private sealed record Entry(uint Address, uint Ttl, long At);

    [Fact]
    public void Cache_AnyHistory_NeverAnswersWrongOrLate()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(400), Prop.ForAll<int[]>(operations => Run(operations)));

    /// <summary>Each number is one operation: what is done, to which of 40 names, and how much time passes.</summary>
    private static void Run(int[] operations)
    {
        using var cache = new CacheHarness(new CacheOptions { MaxBytes = 9_000 });
        Dictionary<int, Entry> model = [];
        Dictionary<int, (uint Address, uint Ttl)> seen = [];
        var version = 0u;
        foreach (var operation in operations)
        {
            var bits = (uint)operation * 2_654_435_761;
            var name = (int)(bits >> 8) % 40;
            var question = new Question($"n{name}.example", Do: name % 2 == 0, Partition: (uint)name % 3);
            switch (bits >> 28)
            {
                case < 6:
                    Verify(cache, question, model.GetValueOrDefault(name), name, seen);
                    break;
                case < 13:
                    var ttl = (bits >> 4) % 20;
                    cache.Store(question, ++version, ttl, padding: (int)(bits % 97));
                    if (ttl > 0)
                    {
                        model[name] = new Entry(version, ttl, cache.Now);
                        seen.Remove(name);
                    }

                    break;
                case 13:
                    cache.Elapse(bits % 4_000 / 1_000.0);
                    break;
                case 14 when bits % 64 == 0:
                    cache.Cache.Flush();
                    model.Clear();
                    break;
                default:
                    cache.StoreNegative(new Question($"x{name}.example"), 5);
                    break;
            }

            var statistics = cache.Statistics;
            Assert.InRange(statistics.Bytes, 0, 9_000);
            Assert.InRange(statistics.NegativeBytes, 0, 9_000 / 4);
        }
    }

    private static void Verify(CacheHarness cache, Question question, Entry? expected, int name, Dictionary<int, (uint Address, uint Ttl)> seen)
    {
        var answer = cache.Ask(question);
        if (!answer.IsHit)
        {
            return;
        }

        Assert.NotNull(expected);
        Assert.Equal(expected.Address, answer.Address);
        var age = cache.Now - expected.At;
        Assert.True(age < expected.Ttl * 1_000_000L, "expired");
        Assert.InRange(answer.Ttl, 1u, expected.Ttl);
        Assert.True(answer.Ttl <= expected.Ttl - age / 1_000_000);
        if (seen.TryGetValue(name, out var before))
        {
            Assert.True(answer.Ttl <= before.Ttl, "a TTL rose");
        }

        seen[name] = (answer.Address, answer.Ttl);
    }

    [Fact]
    public void Store_FreshEntry_IsAlwaysThere()
    {
        // The newest entry is never the one that goes: else a cache that stores nothing would pass the model.
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll<byte[]>(names =>
        {
            using var cache = new CacheHarness(new CacheOptions { MaxBytes = 9_000 });
            var version = 0u;
            foreach (var name in names)
            {
                cache.Store(new Question($"n{name}.example"), ++version);
                Assert.Equal(version, cache.Ask(new Question($"n{name}.example")).Address);
            }
        }));
    }

    [Fact]
    public void Key_DifferentQuestions_NeverShareAnAnswer()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<(byte, byte, bool), (bool, byte, byte)>((first, second) =>
        {
            using var cache = new CacheHarness(new CacheOptions { MaxBytes = 9_000 });
            var stored = Make(first.Item1, first.Item2, first.Item3, second.Item1, second.Item2);
            cache.Store(stored, 7);
            for (var bit = 0; bit < 13; bit++)
            {
                var asked = Make(
                    (byte)(first.Item1 ^ (bit < 3 ? 1 << bit : 0)), (byte)(first.Item2 ^ (bit is >= 3 and < 6 ? 1 << (bit - 3) : 0)),
                    first.Item3 ^ (bit == 6), second.Item1 ^ (bit == 7), (byte)(second.Item2 ^ (bit is >= 8 and < 12 ? 1 << (bit - 8) : 0)));
                Assert.Equal(asked.Partition == stored.Partition && asked.Wire.AsSpan().SequenceEqual(stored.Wire), cache.Ask(asked).IsHit);
            }

            Assert.True(cache.Ask(stored).IsHit);
        }));

    private static Question Make(byte name, byte type, bool dnssecOk, bool cd, byte partition)
        => new($"{(char)('a' + name % 8)}.example", (RecordType)(4_000 + type), dnssecOk, cd, partition);
}
