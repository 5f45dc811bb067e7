using DnsFlow.Protocol;

namespace DnsFlow.Shards;

/// <summary>One question in flight towards an upstream group, with one or more queries waiting for it.</summary>
internal struct PendingSlot
{
    /// <summary>The hash of the question's key; what identical questions find it by.</summary>
    public ulong KeyHash;

    /// <summary>Counts the uses of the slot, so that a result that comes too late finds out.</summary>
    public uint Generation;

    /// <summary>Where it stands.</summary>
    public PendingState State;

    /// <summary>DO of the question.</summary>
    public bool DnssecOk;

    /// <summary>CD of the question.</summary>
    public bool CheckingDisabled;

    /// <summary>The cache stays out of it, and only questions of the same kind join.</summary>
    public bool BypassCache;

    /// <summary>A query of a passed flow: relayed byte for byte, never joined.</summary>
    public bool IsPassed;

    /// <summary>Another server was asked beside the first attempt; there is no second hedge.</summary>
    public bool WasHedged;

    /// <summary>It is asked ahead of time, for the cache alone.</summary>
    public bool IsRefresh;

    /// <summary>Whoever waited has got something stale; whoever joins gets it at once.</summary>
    public bool IsStale;

    /// <summary>Replies that came under its socket and ID and did not match.</summary>
    public byte Mismatches;

    /// <summary>The ID of the first attempt.</summary>
    public ushort Id;

    /// <summary>The socket of the first attempt; -1 = none.</summary>
    public int Socket;

    /// <summary>QTYPE.</summary>
    public RecordType Type;

    /// <summary>QCLASS.</summary>
    public RecordClass Class;

    /// <summary>The group's cache partition.</summary>
    public uint Partition;

    /// <summary>The first waiter; its question is the one that was sent.</summary>
    public int FirstWaiter;

    /// <summary>The last waiter.</summary>
    public int LastWaiter;

    /// <summary>The seed of the letter case it was asked in; 0 = as the client wrote it.</summary>
    public ulong CaseSeed;

    /// <summary>When the first attempt was sent, in microseconds.</summary>
    public long SentAt;

    /// <summary>When the first attempt counts as not answered, in microseconds.</summary>
    public long AttemptEndsAt;

    /// <summary>When whoever waits gets something stale, in microseconds; <see cref="long.MaxValue"/> = not before the question has failed.</summary>
    public long StaleAt;

    /// <summary>When the question is over, in microseconds.</summary>
    public long Deadline;

    /// <summary>Whether the first attempt is under way and has its time yet.</summary>
    public readonly bool IsFresh => State is PendingState.FirstAttempt or PendingState.Hedged;
}

/// <summary>The life of a question in flight.</summary>
internal enum PendingState : byte
{
    /// <summary>The slot is free.</summary>
    Free,

    /// <summary>The first attempt is under way on the shard.</summary>
    FirstAttempt,

    /// <summary>The first attempt is under way and has its time yet; the service plane asks others beside it.</summary>
    Hedged,

    /// <summary>The service plane tries on; an answer to the first attempt still counts.</summary>
    ServicePlane,
}
