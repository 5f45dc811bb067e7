using System.Buffers.Binary;
using DnsFlow.Caching;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Tests.Queries;

namespace DnsFlow.Tests.Caching;

public class CacheConcurrencyTests
{
    private const int Names = 64;
    private const int Writes = 40_000;

    /// <summary>
    /// One writer laps a tiny ring again and again while readers copy out of it. Every answer is made of one name's number in every octet, so a
    /// torn one shows. What a reader may see: the right answer or none.
    /// </summary>
    [Fact]
    public void TryAnswer_WhileTheOwnerOverwrites_IsRightOrAMiss()
    {
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 16 << 10 }, 1);
        var questions = Enumerable.Range(0, Names).Select(i => new Question($"n{i}.example", RecordType.TXT, Partition: 1)).ToArray();
        var responses = questions.Select((q, i) => Response(q, (byte)i, 10 + 7 * i)).ToArray();
        var isDone = false;
        var wrong = 0;
        var hits = 0;
        var readers = Enumerable.Range(0, 2).Select(n => new Thread(() => Read(cache, questions, responses, n, ref isDone, ref wrong, ref hits))).ToArray();
        Array.ForEach(readers, r => r.Start());
        Write(cache, questions, responses);
        Volatile.Write(ref isDone, true);
        Array.ForEach(readers, r => r.Join());

        Assert.Equal(0, wrong);
        Assert.True(hits > 100, $"{hits} hits");
        Assert.True(cache.Statistics.Evictions > 1_000);
    }

    /// <summary>
    /// Two shards as they are: each laps its own tiny segment again and again and looks into both, for what is fresh and for what is stale, while a third thread reads
    /// as stream flows do. What a reader may see: the right answer or none.
    /// </summary>
    [Fact]
    public void TryAnswer_TwoShardsOverwriteTheirSegments_IsRightOrAMiss()
    {
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 32 << 10 }, 2);
        var questions = Enumerable.Range(0, Names).Select(i => new Question($"n{i}.example", RecordType.TXT, Partition: 1)).ToArray();
        var responses = questions.Select((q, i) => Response(q, (byte)i, 10 + 7 * i)).ToArray();
        var isDone = false;
        int wrong = 0, hits = 0, stale = 0;
        var shards = Enumerable.Range(0, 2).Select(n => new Thread(() => WriteAndRead(cache, n, questions, responses, ref wrong, ref hits, ref stale))).ToArray();
        var reader = new Thread(() => Read(cache, questions, responses, 9, ref isDone, ref wrong, ref hits));
        reader.Start();
        Array.ForEach(shards, shard => shard.Start());
        Array.ForEach(shards, shard => shard.Join());
        Volatile.Write(ref isDone, true);
        reader.Join();

        Assert.Equal(0, wrong);
        Assert.True(hits > 1_000, $"{hits} hits");
        Assert.True(stale > 100, $"{stale} stale");
        Assert.True(cache.Statistics.Evictions > 1_000);
    }

    private static void WriteAndRead(ResponseCache cache, int shard, Question[] questions, byte[][] responses, ref int wrong, ref int hits, ref int stale)
    {
        var (scrubber, random, late) = (new ResponseScrubber(), new Random(shard), new StaleReader(cache));
        byte[] name = new byte[255], buffer = new byte[4096];
        for (var i = 0; i < Writes / 2; i++)
        {
            var (written, read) = (random.Next(Names), random.Next(Names));
            var facts = CacheHarness.Facts(questions[written]);
            var context = new QueryContext(questions[written].Wire, ref facts, name, default, 1) { Target = new ForwardTarget(0, 1) };
            scrubber.TryScrub(responses[written], responses[written].AsSpan(DnsHeader.Size, context.Query.NameLength + 4), cache.Limits, out var scrubbed);
            cache.Store(shard, context.Key(cache.Seed), scrubbed, 1);

            var asked = new QueryContext(questions[read].Wire, ref facts, name, buffer, 1) { Target = new ForwardTarget(0, 1) };
            if (cache.TryAnswer(ref asked, shard, asked.Key(cache.Seed)))
            {
                Interlocked.Increment(ref hits);
                Judge(buffer.AsSpan(0, asked.ResponseLength - DnsResponses.OptSize), responses[read], ref wrong);
            }

            if (late.TryRead(asked.Key(cache.Seed), 200_000_000, out var old))
            {
                Interlocked.Increment(ref stale);
                Judge(old.Message, responses[read], ref wrong, ttl: 30);
            }
        }
    }

    private static void Judge(ReadOnlySpan<byte> found, byte[] response, ref int wrong, uint ttl = 100)
    {
        // Two records of 12 octets and their data behind the question; only the TTL may differ.
        var expected = (byte[])response.Clone();
        var question = DnsHeader.Size + WireName.Measure(response, DnsHeader.Size) + 4;
        for (var record = question; record < expected.Length; record += 12 + BinaryPrimitives.ReadUInt16BigEndian(expected.AsSpan(record + 10)))
        {
            BinaryPrimitives.WriteUInt32BigEndian(expected.AsSpan(record + 6), ttl);
        }

        if (found.Length != expected.Length || !found[DnsHeader.Size..].SequenceEqual(expected.AsSpan(DnsHeader.Size)))
        {
            Interlocked.Increment(ref wrong);
        }
    }

    private static byte[] Response(Question question, byte number, int length)
    {
        var data = new byte[length];
        Array.Fill(data, number);
        return new ResponseBuilder(question.Name, RecordType.TXT).Add(0, "", RecordType.TXT, 100, data).Add(0, "", RecordType.TXT, 100, data).Build();
    }

    private static void Write(ResponseCache cache, Question[] questions, byte[][] responses)
    {
        var scrubber = new ResponseScrubber();
        var random = new Random(1);
        var name = new byte[255];
        for (var i = 0; i < Writes; i++)
        {
            var n = random.Next(Names);
            var facts = CacheHarness.Facts(questions[n]);
            var context = new QueryContext(questions[n].Wire, ref facts, name, default, 1) { Target = new ForwardTarget(0, 1) };
            var message = responses[n];
            scrubber.TryScrub(message, message.AsSpan(DnsHeader.Size, context.Query.NameLength + 4), cache.Limits, out var scrubbed);
            cache.Store(0, context.Key(cache.Seed), scrubbed, 1);
        }
    }

    private static void Read(ResponseCache cache, Question[] questions, byte[][] responses, int seed, ref bool isDone, ref int wrong, ref int hits)
    {
        var random = new Random(seed + 10);
        var name = new byte[255];
        var buffer = new byte[4096];
        while (!Volatile.Read(ref isDone))
        {
            var n = random.Next(Names);
            var facts = CacheHarness.Facts(questions[n]);
            var context = new QueryContext(questions[n].Wire, ref facts, name, buffer, 1) { Target = new ForwardTarget(0, 1) };
            if (!cache.TryAnswer(ref context, -1, context.Key(cache.Seed)))
            {
                continue;
            }

            Interlocked.Increment(ref hits);
            var expected = responses[n].AsSpan(DnsHeader.Size);
            var length = context.ResponseLength - DnsResponses.OptSize;
            var isRight = context.ResponseLength == responses[n].Length + DnsResponses.OptSize
                && buffer.AsSpan(DnsHeader.Size, length - DnsHeader.Size).SequenceEqual(expected)
                && BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(6)) == 2;
            if (!isRight)
            {
                Interlocked.Increment(ref wrong);
            }
        }
    }
}
