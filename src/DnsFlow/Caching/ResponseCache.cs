using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using DnsFlow.Limits;
using DnsFlow.Names;
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
        Freshness = new FreshnessRules(options);
        Seed = seed != 0 ? seed : BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
        var bytes = options.MaxBytes / segments;
        _segments = bytes < MinSegmentBytes ? [] : new CacheSegment[segments];
        for (var i = 0; i < _segments.Length; i++)
        {
            _segments[i] = new CacheSegment(bytes, options.MaxEntries == 0 ? 0 : Math.Max(1, options.MaxEntries / segments), Freshness);
        }
    }

    /// <summary>The seed of all keys, so that nobody outside can choose questions that collide.</summary>
    public ulong Seed { get; }

    /// <summary>The TTL bounds responses are scrubbed with.</summary>
    public TtlLimits Limits { get; }

    /// <summary>What happens around the end of a response's time.</summary>
    public FreshnessRules Freshness { get; }

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
        var isHit = TryAnswerFresh(ref context, first, key);
        if (isHit)
        {
            context.Outcome = QueryOutcome.Cached;
        }
        else
        {
            isHit = TryAnswerFailed(ref context, first, key);
        }

        if (context.Trace is null)
        {
            Count(isOwn ? segment : -1, isHit);
        }

        return isHit;
    }

    /// <summary>Finds the newest response to a question that may still be given; the newest alone, for it says what is true. Any thread.</summary>
    public bool TryFindStale(in QuestionKey key, long now, [NotNullWhen(true)] out CacheSegment? segment, out ulong position, out EntryHeader header)
    {
        (segment, position, header) = (null, 0, default);
        foreach (var candidate in _segments)
        {
            if (candidate.TryFind(key, failure: false, out var found, out var newer) && candidate.IsIntact(found) && (segment is null || newer.StoredAt > header.StoredAt))
            {
                (segment, position, header) = (candidate, found, newer);
            }
        }

        return segment is not null && Freshness.MayGive(header, now);
    }

    /// <summary>Whether a question failed lately, so that upstreams are not to be asked. Any thread.</summary>
    public bool HasFailed(in QuestionKey key, long now) => TryFindFailure(0, key, now, out _, out _);

    /// <summary>Counts a response that was to be asked for ahead of time. The segment's shard only.</summary>
    public void CountPrefetch(int segment, bool isAsked) => _segments[segment].CountPrefetch(isAsked);

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
    /// Stores a response for its lifetime in place of what was there. One without a lifetime is only kept where it says that what is there is wrong by now.
    /// The segment's shard only.
    /// </summary>
    public void Store(int segment, in QuestionKey key, in ScrubbedResponse response, long now)
    {
        if (_segments.Length == 0 || (response.Lifetime == 0 && (response.Code is not (ResponseCode.NoError or ResponseCode.NXDomain) || !Knows(key))))
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
    /// With <paramref name="hasStale"/>, what is stale is given meanwhile, for longer. The segment's shard only.
    /// </summary>
    public void StoreFailure(int segment, in QuestionKey key, ResponseCode code, ExtendedErrorCode error, long now, bool hasStale = false)
    {
        if (_segments.Length > 0)
        {
            _segments[segment].StoreFailure(key, code, error, hasStale, now);
        }
    }

    /// <summary>Shows every response, failures among them. The shards do not run.</summary>
    public void Walk(ICacheVisitor visitor)
    {
        foreach (var segment in _segments)
        {
            segment.Walk(visitor);
        }
    }

    /// <summary>Puts in a response that was kept elsewhere, as old as it is; false when it may not be given any more. The shards do not run.</summary>
    public bool TryRestore(in QuestionKey key, in ScrubbedResponse response, long storedAt, long now)
    {
        if (_segments.Length == 0 || response.Lifetime == 0 || !IsFor(response.Message, key)
            || storedAt + (response.Lifetime * MonotonicClock.Second) + Freshness.StaleWindow <= now)
        {
            return false;
        }

        _segments[(int)(key.Hash % (uint)_segments.Length)].Store(key, response, storedAt);
        return true;
    }

    /// <summary>Forgets everything. Any thread; no answer from before comes after it returned.</summary>
    public void Flush()
    {
        foreach (var segment in _segments)
        {
            segment.Flush();
        }
    }

    /// <summary>
    /// Looks at so many responses of a segment and forgets those of some names. Returns whether all were looked at: then no answer from before comes from there. The segment's
    /// shard only.
    /// </summary>
    public bool RemoveSome(int segment, NamePattern names, ref CacheWalk walk, int count) => !IsEnabled || _segments[segment].RemoveSome(names, ref walk, count);

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

    private bool TryAnswerFresh(ref QueryContext context, int first, in QuestionKey key)
    {
        for (var i = 0; i < _segments.Length; i++)
        {
            if (_segments[Rotate(first, i)].TryAnswer(ref context, key, failures: false))
            {
                context.Holder = Rotate(first, i);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Answers a question that failed and may not be asked again yet (RFC 8767 section 5): with what is stale rather than with nothing, unless a validator
    /// rejected what there is now.
    /// </summary>
    private bool TryAnswerFailed(ref QueryContext context, int first, in QuestionKey key)
    {
        if (!TryFindFailure(first, key, context.Now, out var failed, out var error))
        {
            return false;
        }

        context.Outcome = QueryOutcome.Stale;
        if (Freshness.GivesStale && !CacheEntry.IsValidation(error) && TryFindStale(key, context.Now, out var segment, out var position, out var header)
            && segment.TryAnswerStale(ref context, position, header))
        {
            return true;
        }

        context.Outcome = QueryOutcome.Failed;
        var isAnswered = failed.TryAnswer(ref context, key, failures: true);
        context.WantsRefresh = false;
        return isAnswered;
    }

    private bool TryFindFailure(int first, in QuestionKey key, long now, [NotNullWhen(true)] out CacheSegment? segment, out ExtendedErrorCode error)
    {
        for (var i = 0; i < _segments.Length; i++)
        {
            segment = _segments[Rotate(first, i)];
            if (segment.HasFailures(now) && segment.TryFind(key, failure: true, out var position, out var header) && segment.IsIntact(position) && !header.IsExpired(now))
            {
                error = CacheEntry.ErrorOf(header);
                return true;
            }
        }

        (segment, error) = (null, ExtendedErrorCode.None);
        return false;
    }

    private bool Knows(in QuestionKey key)
    {
        foreach (var segment in _segments)
        {
            if (segment.TryFind(key, failure: false, out _, out _))
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
