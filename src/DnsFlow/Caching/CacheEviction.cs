namespace DnsFlow.Caching;

/// <summary>
/// Which entries stay, in the manner of S3-FIFO. New entries are on probation in the small ring; those hit there move to the main ring when their time
/// comes, the others go, unless the main ring has room. In the main ring a hit entry is spared at its turn, once per mark. One scan of junk therefore
/// passes through the small ring alone.
/// Negative entries hold at most a quarter: the small ring is a tenth, and of the main ring they get no more than the rest of the quarter.
/// One writer.
/// </summary>
internal sealed class CacheEviction(CacheLog log, GhostTable ghosts, int maxEntries, FreshnessRules freshness)
{
    // How many entries one insertion may move: what is amortised must also be bounded each time.
    private const int MaxMoves = 32;
    private const int MaxReclaims = 4;

    private readonly long _maxNegativeInMain = (log.Small.Bytes + (long)log.Main.Bytes) / 4 - log.Small.Bytes;

    /// <summary>Makes room for an entry and returns the ring that it is to be written to. Slots move: places found before are void.</summary>
    public CacheRing MakeRoom(ulong hash, int units, bool isNegative, bool isHot, long now)
    {
        var moves = MaxMoves;
        MakeRoomInNumber(now, ref moves);
        if ((ghosts.Take(hash) || isHot) && MainTakes(units, isNegative))
        {
            MakeRoomInMain(units, now, ref moves);
            return log.Main;
        }

        while (!log.Small.Fits(units))
        {
            EvictFromSmall(now, mayFillMain: true, ref moves);
        }

        return log.Small;
    }

    /// <summary>Whether nobody may have an entry any more. One whose time is over but that was in use may still be given when upstreams fail.</summary>
    private bool IsSpent(in EntryHeader header, byte mark, long now) => header.IsExpired(now) && (mark == 0 || !freshness.MayGive(header, now));

    private bool MainTakes(int units, bool isNegative) => !isNegative || log.Main.NegativeBytes + units * CacheRing.Unit <= _maxNegativeInMain;

    /// <summary>Where the number of entries is the tighter bound, the small ring keeps a tenth of it all the same.</summary>
    private void MakeRoomInNumber(long now, ref int moves)
    {
        for (var reclaims = MaxReclaims; log.Entries >= maxEntries; reclaims--)
        {
            if (reclaims > 0 && TryReclaim(now))
            {
                continue;
            }

            if (log.EntriesInSmall > maxEntries / 10 || !EvictFromMain(now, ref moves))
            {
                EvictFromSmall(now, mayFillMain: false, ref moves);
            }
        }
    }

    /// <summary>Takes the oldest entry out of the small ring: into the main ring or away. False when there is none.</summary>
    private bool EvictFromSmall(long now, bool mayFillMain, ref int moves)
    {
        if (!log.Small.TryGetTail(out var position, out var header))
        {
            return false;
        }

        var place = log.Index.Find(header.Hash, position);
        if (place >= 0)
        {
            var isHot = log.Index[place].Mark > 0;
            if (!IsSpent(header, log.Index[place].Mark, now) && (isHot || mayFillMain) && --moves >= 0 && TryMakeRoomFor(header, isHot, now, ref moves))
            {
                // What was in use is told by the mark alone once its time is over.
                log.Move(log.Small, position, header, mark: (byte)(header.IsExpired(now) ? 1 : 0));
            }
            else
            {
                log.Evict(log.Index.Find(header.Hash, position), position, header);
                ghosts.Remember(header.Hash);
            }
        }

        log.Small.ReleaseTail(header);
        PrefetchNextVictim();
        return true;
    }

    /// <summary>Asks for what the next eviction will need, so that it is there by then: three lines far apart, which is most of an eviction's cost.</summary>
    private void PrefetchNextVictim()
    {
        if (log.Small.TryGetTail(out _, out var header))
        {
            log.Index.Prefetch(header.Hash);
            ghosts.Prefetch(header.Hash);
            log.Small.PrefetchBehindTail(2 * header.Units);
        }
    }

    private bool TryMakeRoomFor(in EntryHeader header, bool isHot, long now, ref int moves)
    {
        if (!MainTakes(header.Units, (header.Flags & EntryFlags.Negative) != 0))
        {
            return false;
        }

        if (isHot)
        {
            MakeRoomInMain(header.Units, now, ref moves);
            return true;
        }

        // Not hit yet, but still better than what nobody may have any more.
        for (var i = 0; i < MaxReclaims && !log.Main.Fits(header.Units) && TryReclaim(now); i++)
        {
        }

        return log.Main.Fits(header.Units);
    }

    private bool TryReclaim(long now)
    {
        if (!log.Main.TryGetTail(out var position, out var header))
        {
            return false;
        }

        var place = log.Index.Find(header.Hash, position);
        if (place >= 0 && !IsSpent(header, log.Index[place].Mark, now))
        {
            return false;
        }

        log.Evict(place, position, header);
        log.Main.ReleaseTail(header);
        return true;
    }

    private void MakeRoomInMain(int units, long now, ref int moves)
    {
        while (!log.Main.Fits(units))
        {
            EvictFromMain(now, ref moves);
        }
    }

    private bool EvictFromMain(long now, ref int moves)
    {
        if (!log.Main.TryGetTail(out var position, out var header))
        {
            return false;
        }

        var place = log.Index.Find(header.Hash, position);
        var mark = place >= 0 ? log.Index[place].Mark : (byte)0;
        log.Main.ReleaseTail(header);
        if (mark == 0 || IsSpent(header, mark, now) || --moves < 0)
        {
            log.Evict(place, position, header);
            return true;
        }

        // Spared: written again at the head. Its octets lie in released memory now, which nothing overwrites before they are moved,
        // but for the two of an end mark, and those are in the header, of which we have a copy.
        var none = 0;
        MakeRoomInMain(header.Units, now, ref none);
        log.Move(log.Main, position, header, (byte)(mark - 1));
        return true;
    }
}
