using DnsFlow.Limits;

namespace DnsFlow.Flows;

/// <summary>
/// The bounded table of a shard's datagram flows, in native memory, with the order of last activity beside it. Finding, adding, touching and
/// removing take constant time and allocate nothing. One owner.
/// </summary>
internal sealed class FlowTable : IDisposable
{
    private const int None = -1;

    // How exact the order of last activity is. Moving a flow at each of its datagrams would touch two other flows' lines each time.
    private const long OrderGranularity = 250 * MonotonicClock.Millisecond;

    private static long s_lastId;

    private readonly NativeTable<FlowSlot> _slots;
    private readonly HashIndex _index;
    private int _free = None;
    private int _fresh;
    private int _newest = None;
    private int _count;

    /// <summary>Makes a table of <paramref name="capacity"/> flows; <paramref name="seed"/> keeps clients from choosing keys that collide.</summary>
    public FlowTable(int capacity, ulong seed)
    {
        _slots = new NativeTable<FlowSlot>(capacity);
        _index = new HashIndex(capacity);
        Seed = seed;
    }

    /// <summary>The seed of the keys' hashes.</summary>
    public ulong Seed { get; }

    /// <summary>The number of flows. Any thread may read it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The most flows.</summary>
    public int Capacity => _slots.Length;

    /// <summary>The size in octets.</summary>
    public long Bytes => _slots.Bytes + _index.Bytes;

    /// <summary>The longest idle flow, to within a quarter of a second; -1 = there is none.</summary>
    public int Oldest { get; private set; } = None;

    /// <summary>The flow that was active last, to within a quarter of a second; -1 = there is none. <see cref="FlowSlot.Older"/> leads on from it.</summary>
    public int Newest => _newest;

    /// <summary>The flow in a slot.</summary>
    public ref FlowSlot this[int flow] => ref _slots[flow];

    /// <summary>Draws an id no other flow of this process has. Any thread.</summary>
    public static long NextId() => Interlocked.Increment(ref s_lastId);

    /// <summary>Finds a flow; -1 when there is none.</summary>
    public int Find(in FlowKey key, ulong hash)
    {
        var probe = _index.Find(hash);
        while (probe.Next(out var flow))
        {
            if (_slots[flow].Hash == hash && _slots[flow].Facts.Key == key)
            {
                return flow;
            }
        }

        return None;
    }

    /// <summary>Asks the processor to load the line in which <see cref="Find"/> begins.</summary>
    public void PrefetchIndex(ulong hash) => _index.Prefetch(hash);

    /// <summary>Asks the processor to load the slot <see cref="Find"/> most likely ends at.</summary>
    public void PrefetchSlot(ulong hash)
    {
        if (_index.Find(hash).Next(out var flow))
        {
            _slots.PrefetchWhole(flow);
        }
    }

    /// <summary>Asks the processor to load a flow's slot.</summary>
    public void Prefetch(int flow) => _slots.PrefetchWhole(flow);

    /// <summary>Adds a flow in state Closed; -1 when the table is full.</summary>
    public int Add(in FlowFacts facts, ulong hash, int client, long now)
    {
        var flow = _free != None ? _free : _fresh < _slots.Length ? _fresh++ : None;
        if (flow == None)
        {
            return None;
        }

        if (flow == _free)
        {
            _free = _slots[flow].Older;
        }

        _slots[flow] = new FlowSlot { Facts = facts, Hash = hash, Id = NextId(), LastActive = now, Client = client, OpenedAt = (uint)(now / MonotonicClock.Second) };
        _index.Add(hash, flow);
        Append(flow);
        Volatile.Write(ref _count, _count + 1);
        return flow;
    }

    /// <summary>Marks a flow as active now.</summary>
    public void Touch(int flow, long now)
    {
        ref var slot = ref _slots[flow];
        slot.LastActive = now;
        if (now - slot.OrderedAt >= OrderGranularity && flow != _newest)
        {
            Unlink(flow);
            Append(flow);
        }
    }

    /// <summary>Removes a flow; its slot may be used again at once.</summary>
    public void Remove(int flow)
    {
        ref var slot = ref _slots[flow];
        _index.Remove(slot.Hash, flow);
        Unlink(flow);
        slot.Id = 0;
        slot.State = FlowState.Ended;
        slot.Older = _free;
        _free = flow;
        Volatile.Write(ref _count, _count - 1);
    }

    /// <summary>The longest idle of the sixteen oldest flows that has no query in flight; -1 when all of them wait for something.</summary>
    public int FindEvictable()
    {
        var flow = Oldest;
        for (var i = 0; i < 16 && flow != None; i++)
        {
            if (_slots[flow].InFlight == 0)
            {
                return flow;
            }

            flow = _slots[flow].Newer;
        }

        return None;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _index.Dispose();
    }

    private void Append(int flow)
    {
        ref var slot = ref _slots[flow];
        slot.OrderedAt = slot.LastActive;
        slot.Older = _newest;
        slot.Newer = None;
        if (_newest != None)
        {
            _slots[_newest].Newer = flow;
        }
        else
        {
            Oldest = flow;
        }

        _newest = flow;
    }

    private void Unlink(int flow)
    {
        ref var slot = ref _slots[flow];
        if (slot.Older != None)
        {
            _slots[slot.Older].Newer = slot.Newer;
        }
        else
        {
            Oldest = slot.Newer;
        }

        if (slot.Newer != None)
        {
            _slots[slot.Newer].Older = slot.Older;
        }
        else
        {
            _newest = slot.Older;
        }
    }
}
