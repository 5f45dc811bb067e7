using System.Buffers.Binary;
using System.Security.Cryptography;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Caching;

/// <summary>
/// The response cache: one segment per shard, bounded together. Each shard writes its own segment; every thread may read all of them.
/// Whole responses by question: never single records. Allocates nothing after it was made.
/// </summary>
internal sealed class ResponseCache : IDisposable
{
    /// <summary>Below this a segment is not worth its tables, and there is no cache.</summary>
    public const long MinSegmentBytes = 8 << 10;

    private readonly CacheSegment[] _segments;
    private long _sharedHits;
    private long _sharedMisses;
    private long _mismatched;

    /// <summary>Makes a cache for so many shards. <paramref name="seed"/> 0 = a random one.</summary>
    public ResponseCache(CacheOptions options, int segments, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segments);
        Limits = options.ToTtlLimits();
        Seed = seed != 0 ? seed : BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
        var bytes = options.MaxBytes / segments;
        _segments = bytes < MinSegmentBytes ? [] : new CacheSegment[segments];
        for (var i = 0; i < _segments.Length; i++)
        {
            _segments[i] = new CacheSegment(bytes, options.MaxEntries == 0 ? 0 : Math.Max(1, options.MaxEntries / segments));
        }
    }

    /// <summary>The seed of all keys, so that nobody outside can choose questions that collide.</summary>
    public ulong Seed { get; }

    /// <summary>The TTL bounds responses are scrubbed with.</summary>
    public TtlLimits Limits { get; }

    /// <summary>False when the cache has no memory.</summary>
    public bool IsEnabled => _segments.Length > 0;

    /// <summary>The counters of all segments. Any thread.</summary>
    public CacheStatistics Statistics
    {
        get
        {
            var sum = default(CacheStatistics) with
            {
                Hits = Volatile.Read(ref _sharedHits),
                Misses = Volatile.Read(ref _sharedMisses),
                Refused = Volatile.Read(ref _mismatched),
            };
            foreach (var segment in _segments)
            {
                sum += segment.Statistics;
            }

            return sum;
        }
    }

    /// <summary>
    /// Answers a query from the cache, failures included: the response is then complete in the context. Reads the asking shard's own
    /// <paramref name="segment"/> first (-1 = none is its own), then the others. Any thread for -1, else the segment's shard.
    /// </summary>
    public bool TryAnswer(ref QueryContext context, int segment, in QuestionKey key)
    {
        if (_segments.Length == 0)
        {
            return false;
        }

        var isOwn = (uint)segment < (uint)_segments.Length;
        var first = isOwn ? segment : 0;
        var isHit = TryAnswer(ref context, first, key, failures: false);
        if (isHit)
        {
            context.Outcome = QueryOutcome.Cached;
        }
        else if (isHit = TryAnswer(ref context, first, key, failures: true))
        {
            context.Outcome = QueryOutcome.Failed;
        }

        if (context.Trace is null)
        {
            Count(isOwn ? segment : -1, isHit);
        }

        return isHit;
    }

    /// <summary>Asks the processor to load what <see cref="TryAnswer(ref QueryContext, int, in QuestionKey)"/> will read first: the slot in each segment.</summary>
    public void PrefetchSlots(ulong keyHash)
    {
        foreach (var segment in _segments)
        {
            segment.PrefetchSlot(keyHash);
        }
    }

    /// <summary>Asks the processor to load the slot that <see cref="Store"/> will look for.</summary>
    public void PrefetchOwnSlot(int segment, ulong keyHash)
    {
        if (IsEnabled)
        {
            _segments[segment].PrefetchSlot(keyHash);
        }
    }

    /// <summary>Asks the processor to load the response, some time after <see cref="PrefetchSlots"/>. Looks where <see cref="TryAnswer(ref QueryContext, int, in QuestionKey)"/> will.</summary>
    public void PrefetchEntry(int segment, ulong keyHash)
    {
        for (var i = 0; i < _segments.Length && !_segments[Rotate(segment, i)].TryPrefetchEntry(keyHash); i++)
        {
        }
    }

    /// <summary>
    /// Stores a response for its lifetime in place of what was there; nothing when its lifetime is 0. The segment's shard only.
    /// </summary>
    public void Store(int segment, in QuestionKey key, in ScrubbedResponse response, long now)
    {
        if (response.Lifetime == 0 || _segments.Length == 0)
        {
            return;
        }

        if (!IsFor(response.Message, key))
        {
            Interlocked.Increment(ref _mismatched);
            return;
        }

        _segments[segment].Store(key, response, now);
    }

    /// <summary>
    /// Remembers that a question got no usable answer (RFC 9520): 1 s, doubling to 5 s while it keeps failing. Asked again meanwhile it is answered
    /// <paramref name="code"/> with the extended error Cached Error, or with <paramref name="error"/> when that is what a validator found.
    /// The segment's shard only.
    /// </summary>
    public void StoreFailure(int segment, in QuestionKey key, ResponseCode code, ExtendedErrorCode error, long now)
    {
        if (_segments.Length > 0)
        {
            _segments[segment].StoreFailure(key, code, error, now);
        }
    }

    /// <summary>Forgets everything. Any thread; no answer from before comes after it returned.</summary>
    public void Flush()
    {
        foreach (var segment in _segments)
        {
            segment.Flush();
        }
    }

    /// <summary>Frees the memory. No thread may use the cache any more.</summary>
    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            segment.Dispose();
        }
    }

    /// <summary>A response is only ever stored under the question it carries.</summary>
    private static bool IsFor(ReadOnlySpan<byte> message, in QuestionKey key)
    {
        var end = DnsHeader.Size + key.Name.Length;
        return message.Length >= end + 4
            && WireName.EqualsIgnoreCase(message[DnsHeader.Size..end], key.Name)
            && BinaryPrimitives.ReadUInt16BigEndian(message[end..]) == (ushort)key.Type
            && BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]) == (ushort)key.Class;
    }

    private bool TryAnswer(ref QueryContext context, int first, in QuestionKey key, bool failures)
    {
        for (var i = 0; i < _segments.Length; i++)
        {
            var segment = _segments[Rotate(first, i)];
            if ((!failures || segment.HasFailures(context.Now)) && segment.TryAnswer(ref context, key, failures))
            {
                return true;
            }
        }

        return false;
    }

    private int Rotate(int first, int step) => first + step < _segments.Length ? first + step : first + step - _segments.Length;

    private void Count(int segment, bool isHit)
    {
        if (segment >= 0)
        {
            _segments[segment].Count(isHit);
        }
        else
        {
            Interlocked.Increment(ref isHit ? ref _sharedHits : ref _sharedMisses);
        }
    }
}
