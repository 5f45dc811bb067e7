using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// The questions in flight of a shard, found by question (to join identical ones) and by socket and ID (to match replies). Bounded; one owner.
/// </summary>
internal sealed class PendingTable : IDisposable
{
    private readonly NativeTable<PendingSlot> _slots;
    private readonly HashIndex _byQuestion;
    private readonly HashIndex _byReply;
    private readonly UpstreamGroup?[] _groups;
    private readonly Upstream?[] _servers;
    private readonly Transaction?[] _transactions;
    private readonly UpstreamResult[] _consolations;
    private readonly WaiterTable _waiters;
    private int _free = -1;
    private int _fresh;
    private int _count;

    /// <summary>Makes a table of <paramref name="capacity"/> questions.</summary>
    public PendingTable(int capacity, WaiterTable waiters)
    {
        _slots = new NativeTable<PendingSlot>(capacity);
        _byQuestion = new HashIndex(capacity);
        _byReply = new HashIndex(capacity);
        _groups = new UpstreamGroup?[capacity];
        _servers = new Upstream?[capacity];
        _transactions = new Transaction?[capacity];
        _consolations = new UpstreamResult[capacity];
        _waiters = waiters;
    }

    /// <summary>Questions in flight. Any thread may read it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The most questions.</summary>
    public int Capacity => _slots.Length;

    /// <summary>The size in octets.</summary>
    public long Bytes => _slots.Bytes + _byQuestion.Bytes + _byReply.Bytes;

    /// <summary>A question's slot.</summary>
    public ref PendingSlot this[int pending] => ref _slots[pending];

    /// <summary>Slots that were ever in use: where a walk over all questions ends.</summary>
    public int HighWater => _fresh;

    /// <summary>The group that is asked.</summary>
    public UpstreamGroup Group(int pending) => _groups[pending]!;

    /// <summary>The server of the first attempt.</summary>
    public ref Upstream? Server(int pending) => ref _servers[pending];

    /// <summary>The service plane's part, if it has begun.</summary>
    public ref Transaction? Transaction(int pending) => ref _transactions[pending];

    /// <summary>What a hedged question has got so far that is no good answer: given out when nothing better comes.</summary>
    public ref UpstreamResult Consolation(int pending) => ref _consolations[pending];

    /// <summary>The question as it was sent.</summary>
    public ReadOnlySpan<byte> Question(int pending) => _waiters.Question(_slots[pending].FirstWaiter);

    /// <summary>The name under which the service plane reports back.</summary>
    public long Token(int pending) => ((long)_slots[pending].Generation << 32) | (uint)pending;

    /// <summary>The question of a token; -1 when it is over.</summary>
    public int FromToken(long token)
    {
        var pending = (int)(uint)token;
        return _slots[pending].State != PendingState.Free && _slots[pending].Generation == (uint)(token >> 32) ? pending : -1;
    }

    /// <summary>Finds an identical question to join; -1 when there is none.</summary>
    public int Find(in QuestionKey key, bool bypassCache)
    {
        var probe = _byQuestion.Find(key.Hash);
        while (probe.Next(out var pending))
        {
            ref var slot = ref _slots[pending];
            if (slot.KeyHash == key.Hash && slot.Type == key.Type && slot.Class == key.Class && slot.Partition == key.Partition
                && slot.DnssecOk == key.DnssecOk && slot.CheckingDisabled == key.CheckingDisabled && slot.BypassCache == bypassCache
                && WireName.EqualsIgnoreCase(Question(pending)[..^4], key.Name))
            {
                return pending;
            }
        }

        return -1;
    }

    /// <summary>Adds a question with its first waiter; -1 when the table is full. A passed one cannot be found by its question.</summary>
    public int Add(in QuestionKey key, UpstreamGroup group, int waiter, long deadline, bool bypassCache, bool isPassed)
    {
        var pending = _free >= 0 ? _free : _fresh < _slots.Length ? _fresh++ : -1;
        if (pending < 0)
        {
            return -1;
        }

        ref var slot = ref _slots[pending];
        if (pending == _free)
        {
            _free = slot.FirstWaiter;
        }

        slot = new PendingSlot
        {
            Generation = slot.Generation + 1,
            State = PendingState.FirstAttempt,
            KeyHash = key.Hash,
            Type = key.Type,
            Class = key.Class,
            Partition = key.Partition,
            DnssecOk = key.DnssecOk,
            CheckingDisabled = key.CheckingDisabled,
            BypassCache = bypassCache,
            IsPassed = isPassed,
            Socket = -1,
            FirstWaiter = waiter,
            LastWaiter = waiter,
            StaleAt = long.MaxValue,
            Deadline = deadline,
        };
        _groups[pending] = group;
        if (!isPassed)
        {
            _byQuestion.Add(key.Hash, pending);
        }

        Volatile.Write(ref _count, _count + 1);
        return pending;
    }

    /// <summary>One more query waits for the question.</summary>
    public void Join(int pending, int waiter)
    {
        ref var slot = ref _slots[pending];
        _waiters[slot.LastWaiter].Next = waiter;
        slot.LastWaiter = waiter;
    }

    /// <summary>The question waits on for the cache alone; returns those that waited, who are the caller's now.</summary>
    public int Detach(int pending, int keeper)
    {
        ref var slot = ref _slots[pending];
        var first = slot.FirstWaiter;
        slot.FirstWaiter = slot.LastWaiter = keeper;
        return first;
    }

    /// <summary>Notes the socket and ID a reply will come under.</summary>
    public void SetAttempt(int pending, int socket, ushort id)
    {
        _slots[pending].Socket = socket;
        _slots[pending].Id = id;
        _byReply.Add(ReplyHash(socket, id), pending);
    }

    /// <summary>Finds the question a reply may belong to; -1 when none was asked under that socket and ID.</summary>
    public int FindReply(int socket, ushort id)
    {
        var probe = _byReply.Find(ReplyHash(socket, id));
        while (probe.Next(out var pending))
        {
            if (_slots[pending].Socket == socket && _slots[pending].Id == id)
            {
                return pending;
            }
        }

        return -1;
    }

    /// <summary>Asks the processor to load the line in which <see cref="FindReply"/> begins.</summary>
    public void PrefetchReply(int socket, ushort id) => _byReply.Prefetch(ReplyHash(socket, id));

    /// <summary>Asks the processor to load the line in which <see cref="Find"/> begins.</summary>
    public void PrefetchQuestion(ulong keyHash) => _byQuestion.Prefetch(keyHash);

    /// <summary>The slot <see cref="FindReply"/> most likely ends at, which the processor is asked to load; -1 = none.</summary>
    public int PrefetchLikely(int socket, ushort id)
    {
        if (!_byReply.Find(ReplyHash(socket, id)).Next(out var pending))
        {
            return -1;
        }

        _slots.PrefetchWhole(pending);
        return pending;
    }

    /// <summary>No reply under the first attempt's socket and ID counts any more.</summary>
    public void ClearAttempt(int pending)
    {
        ref var slot = ref _slots[pending];
        if (slot.Socket >= 0)
        {
            _byReply.Remove(ReplyHash(slot.Socket, slot.Id), pending);
            slot.Socket = -1;
        }
    }

    /// <summary>Identical questions no longer find it: its answer is being given out.</summary>
    public void Remove(int pending)
    {
        ref var slot = ref _slots[pending];
        ClearAttempt(pending);
        if (!slot.IsPassed)
        {
            _byQuestion.Remove(slot.KeyHash, pending);
        }

        slot.State = PendingState.Free;
        slot.FirstWaiter = _free;
        _free = pending;
        _groups[pending] = null;
        _servers[pending] = null;
        _transactions[pending] = null;
        if (slot.WasHedged)
        {
            _consolations[pending] = default;
        }

        Volatile.Write(ref _count, _count - 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _byQuestion.Dispose();
        _byReply.Dispose();
    }

    private static ulong ReplyHash(int socket, ushort id) => WireName.Mix((ulong)socket, id);
}
