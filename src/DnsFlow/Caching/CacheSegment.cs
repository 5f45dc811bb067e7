using System.Runtime.InteropServices;
using DnsFlow.Limits;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Caching;

/// <summary>
/// One shard's part of the cache: the entries and how they are read and written. The shard writes; any thread reads, without locks. A reader
/// copies the response out and then asks whether the entry was still whole: if not, it was a miss.
/// </summary>
internal sealed class CacheSegment : IDisposable
{
    private const uint MaxFailureLifetime = 5;
    private const long FailureMemory = 10 * MonotonicClock.Second;

    private readonly CacheLog _log;
    private readonly FreshnessRules _freshness;
    private long _flushesAsked;
    private long _flushesDone;
    private long _failuresUntil;
    private SegmentCounts _counts;

    /// <summary>Makes a segment of at most <paramref name="bytes"/> octets in all; <paramref name="maxEntries"/> 0 = no bound of its own.</summary>
    public CacheSegment(long bytes, int maxEntries, in FreshnessRules freshness)
    {
        _log = new CacheLog(bytes, maxEntries, freshness);
        _freshness = freshness;
    }

    /// <summary>Whether there may be remembered failures, so that most misses need not look for one. Any thread.</summary>
    public bool HasFailures(long now) => now < Volatile.Read(ref _failuresUntil);

    /// <summary>The counters. Any thread.</summary>
    public CacheStatistics Statistics => new(
        _log.Entries, _log.Bytes, _log.CapacityBytes, _log.NegativeBytes, Volatile.Read(ref _counts.Hits), Volatile.Read(ref _counts.Misses),
        Volatile.Read(ref _counts.Inserts), _log.Evictions, Volatile.Read(ref _counts.Refused),
        Volatile.Read(ref _counts.Prefetches), Volatile.Read(ref _counts.PrefetchesRefused));

    /// <summary>Counts a query of this segment's shard. The shard only.</summary>
    public void Count(bool isHit) => Increment(ref isHit ? ref _counts.Hits : ref _counts.Misses);

    /// <summary>Counts a response that was to be asked for ahead of time. The shard only.</summary>
    public void CountPrefetch(bool isAsked) => Increment(ref isAsked ? ref _counts.Prefetches : ref _counts.PrefetchesRefused);

    /// <summary>Forgets everything: for readers at once, the memory when the shard stores next. Any thread.</summary>
    public void Flush() => Interlocked.Increment(ref _flushesAsked);

    /// <summary>Looks at so many entries and forgets those of some names. Returns whether all were looked at. The shard only.</summary>
    public bool RemoveSome(NamePattern names, ref CacheWalk walk, int count) => _log.RemoveSome(names, ref walk, count);

    /// <summary>Asks the processor to load the slot of a response. Any thread.</summary>
    public void PrefetchSlot(ulong hash) => _log.Index.Prefetch(hash);

    /// <summary>Asks the processor to load the response whose slot is in reach by now; false when there is none. Any thread.</summary>
    public bool TryPrefetchEntry(ulong hash)
    {
        var index = _log.Index;
        var place = index.Home(hash);
        for (var probes = 4; probes > 0 && index[place].Position is not 0 and var position; probes--, place = index.Next(place))
        {
            if (index[place].IsFor(hash))
            {
                _log.RingOf(position).Prefetch(position);
                return true;
            }
        }

        return false;
    }

    /// <summary>Answers a query, or with <paramref name="failures"/> says that it failed just now. False = a miss. Any thread.</summary>
    public bool TryAnswer(ref QueryContext context, in QuestionKey key, bool failures)
    {
        if (Volatile.Read(ref _flushesAsked) != Volatile.Read(ref _flushesDone))
        {
            return false;
        }

        var flags = CacheEntry.KeyFlags(key, failures);
        var hash = CacheEntry.HashOf(key, failures);
        var index = _log.Index;
        var place = index.Home(hash);
        for (var probes = index.Length; probes > 0; probes--, place = index.Next(place))
        {
            ref var slot = ref index[place];
            var position = slot.Position;
            if (position == 0)
            {
                return false;
            }

            if (!slot.IsFor(hash))
            {
                continue;
            }

            var ring = _log.RingOf(position);
            var entry = ring.Read(position);
            if (CacheEntry.TryRead(entry, key, flags, out var header))
            {
                return !header.IsExpired(context.Now) && TryWrite(ref context, ring, position, header, entry, ttl: 0, CacheEntry.ErrorOf(header)) && Mark(ref slot, header, ref context);
            }
        }

        return false;
    }

    /// <summary>Finds a response whether its time is over or not. What was found counts only when <see cref="IsIntact"/> says so after it was used. Any thread.</summary>
    public bool TryFind(in QuestionKey key, bool failure, out ulong position, out EntryHeader header)
    {
        (position, header) = (0, default);
        if (Volatile.Read(ref _flushesAsked) != Volatile.Read(ref _flushesDone))
        {
            return false;
        }

        var flags = CacheEntry.KeyFlags(key, failure);
        var hash = CacheEntry.HashOf(key, failure);
        var index = _log.Index;
        var place = index.Home(hash);
        for (var probes = index.Length; probes > 0 && index[place].Position is not 0 and var found; probes--, place = index.Next(place))
        {
            if (index[place].IsFor(hash) && CacheEntry.TryRead(_log.RingOf(found).Read(found), key, flags, out header))
            {
                position = found;
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies the message and the places of its TTLs out of an entry. Any thread.</summary>
    public void Copy(ulong position, in EntryHeader header, Span<byte> message, Span<ushort> ttlOffsets)
    {
        var entry = _log.RingOf(position).Read(position);
        entry.Slice(EntryHeader.Size, header.MessageLength).CopyTo(message);
        MemoryMarshal.Cast<byte, ushort>(entry.Slice(header.TtlOffsetsStart, 2 * ttlOffsets.Length)).CopyTo(ttlOffsets);
    }

    /// <summary>Whether what was read at a position was whole. Any thread.</summary>
    public bool IsIntact(ulong position) => _log.RingOf(position).IsIntact(position);

    /// <summary>Answers a query with a response whose time is over. False = it was overwritten meanwhile. Any thread.</summary>
    public bool TryAnswerStale(ref QueryContext context, ulong position, in EntryHeader header)
    {
        var ring = _log.RingOf(position);
        return TryWrite(
            ref context, ring, position, header, ring.Read(position), CacheEntry.StaleTtl(header, _freshness, context.Now),
            CacheEntry.StaleErrorOf(header, context.Now));
    }

    /// <summary>Shows every response. Nobody writes meanwhile.</summary>
    public void Walk(ICacheVisitor visitor)
    {
        ApplyFlush();
        _log.Walk(visitor);
    }

    /// <summary>Stores a response for as long as it may live. The shard only.</summary>
    public void Store(in QuestionKey key, in ScrubbedResponse response, long now)
    {
        ApplyFlush();
        if (HasFailures(now) && Find(key, failure: true) is >= 0 and var failed)
        {
            _log.Remove(failed);
        }

        Store(key, response, failure: false, now);
    }

    /// <summary>
    /// Remembers for one second that a question failed; for twice as long as before, up to five, when it fails again right after; for as long as the rules say
    /// when clients have something stale meanwhile. The shard only.
    /// </summary>
    public void StoreFailure(in QuestionKey key, ResponseCode code, ExtendedErrorCode error, bool hasStale, long now)
    {
        ApplyFlush();
        var lifetime = 1u;
        if (Find(key, failure: true) is >= 0 and var place)
        {
            var previous = Header(_log.Index[place].Position);
            if (!previous.IsExpired(now))
            {
                return;
            }

            // RFC 9520 section 3.2: back off while the failure persists; a question not asked for a while begins anew.
            lifetime = previous.Lifetime <= MaxFailureLifetime && previous.Age(now) <= FailureMemory ? Math.Min(previous.Lifetime * 2, MaxFailureLifetime) : 1;
        }

        lifetime = hasStale ? _freshness.RecheckAfter : lifetime;
        Span<byte> message = stackalloc byte[DnsHeader.Size + WireName.MaxLength + 4];
        message = CacheEntry.WriteFailure(key, code, message);
        var response = new ScrubbedResponse { Message = message, Code = code, Error = error, Lifetime = lifetime, IsNegative = true };
        Store(key, response, failure: true, now);
        Volatile.Write(ref _failuresUntil, Math.Max(_failuresUntil, now + Math.Max(FailureMemory, lifetime * MonotonicClock.Second)));
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private static void Increment(ref long counter) => Volatile.Write(ref counter, counter + 1);

    private void ApplyFlush()
    {
        var asked = Volatile.Read(ref _flushesAsked);
        if (asked != _flushesDone)
        {
            _log.Clear();
            Volatile.Write(ref _flushesDone, asked);
        }
    }

    private void Store(in QuestionKey key, in ScrubbedResponse response, bool failure, long now)
    {
        var header = CacheEntry.NewHeader(key, response, failure, now);
        if (header.Length > _log.MaxEntryBytes)
        {
            Increment(ref _counts.Refused);
            return;
        }

        var before = Find(key, failure);
        var isHot = before >= 0 && (_log.Index[before].Mark > 0 || CacheRing.RingOf(_log.Index[before].Position) == CacheLog.MainRing);
        var entry = _log.Append(header.Hash, header.Length, response.IsNegative, isHot, now, out var position);
        CacheEntry.Write(entry, key, header, response);
        _log.Publish(header, position, before < 0 ? -1 : Find(key, failure));     // found again: making room moves slots
        Increment(ref _counts.Inserts);
    }

    private int Find(in QuestionKey key, bool failure)
    {
        var flags = CacheEntry.KeyFlags(key, failure);
        var hash = CacheEntry.HashOf(key, failure);
        var index = _log.Index;
        for (var place = index.Home(hash); index[place].Position is not 0 and var position; place = index.Next(place))
        {
            if (index[place].IsFor(hash) && CacheEntry.TryRead(_log.RingOf(position).Read(position), key, flags, out _))
            {
                return place;
            }
        }

        return -1;
    }

    private EntryHeader Header(ulong position) => MemoryMarshal.Read<EntryHeader>(_log.RingOf(position).Read(position));

    /// <summary>Writes the response of an entry; false when the entry was overwritten meanwhile, and what was written is worth nothing.</summary>
    private static bool TryWrite(
        ref QueryContext context, CacheRing ring, ulong position, in EntryHeader header, scoped ReadOnlySpan<byte> entry, uint ttl, ExtendedErrorCode error)
    {
        var length = ResponseWriter.Write(
            entry.Slice(EntryHeader.Size, header.MessageLength),
            MemoryMarshal.Cast<byte, ushort>(entry.Slice(header.TtlOffsetsStart, 2 * header.TtlCount)),
            (uint)(header.Age(context.Now) / MonotonicClock.Second),
            context.Query.Header.Id,
            context.Query.Header.Flags,
            context.Query.Question(context.Message),
            context.Query.HasEdns,
            context.Query.DnssecOk,
            context.MaxResponseSize,
            (ResponseCode)header.Code,
            error,
            context.Response,
            ttl);
        if (!ring.IsIntact(position))
        {
            return false;
        }

        context.ResponseLength = length;
        context.ResponseCode = (ResponseCode)header.Code;
        return true;
    }

    private bool Mark(ref CacheSlot slot, in EntryHeader header, ref QueryContext context)
    {
        var mark = slot.Mark;
        if (mark < CacheSlot.MaxMark)
        {
            slot.Mark = ++mark;
        }

        context.WantsRefresh = mark >= _freshness.PrefetchHits && _freshness.IsNearEnd(header, context.Now);

        return true;
    }
}
