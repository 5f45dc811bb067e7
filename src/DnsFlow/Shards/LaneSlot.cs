using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Lanes;

namespace DnsFlow.Shards;

/// <summary>What a shard knows of one of its lanes.</summary>
internal sealed class LaneSlot(StreamLane lane)
{
    // Replies to these IDs may still come and are not wanted any more.
    private readonly ulong[] _givenUp = new ulong[1_024];
    private int _mismatches;

    /// <summary>The lane.</summary>
    public StreamLane Lane { get; } = lane;

    /// <summary>Questions that wait for a reply on it.</summary>
    public int InFlight { get; private set; }

    /// <summary>How many replies may still come that nobody waits for.</summary>
    public int GivenUp { get; private set; }

    /// <summary>Whether it gets no new questions; it closes with its last one.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Whether queries wait to be flushed.</summary>
    public bool IsDirty { get; set; }

    /// <summary>One more question waits, or one less.</summary>
    public void Count(int change) => Lane.SetInFlight(InFlight += change);

    /// <summary>Whether a reply under this ID may still come although nobody waits.</summary>
    public bool IsGivenUp(ushort id) => (_givenUp[id >> 6] & (1UL << (id & 63))) != 0;

    /// <summary>The question with this ID is given up.</summary>
    public void GiveUp(ushort id)
    {
        GivenUp += IsGivenUp(id) ? 0 : 1;
        _givenUp[id >> 6] |= 1UL << (id & 63);
    }

    /// <summary>A reply came under this ID. Returns whether its question had been given up.</summary>
    public bool Settle(ushort id)
    {
        var wasGivenUp = IsGivenUp(id);
        GivenUp -= wasGivenUp ? 1 : 0;
        _givenUp[id >> 6] &= ~(1UL << (id & 63));
        return wasGivenUp;
    }

    /// <summary>A reply fits no question: twenty, and this is not a conversation any more.</summary>
    public void CountMismatch()
    {
        if (++_mismatches >= ReplyMatcher.MaxMismatches)
        {
            Lane.Close();
        }
    }
}
