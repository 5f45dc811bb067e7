using DnsFlow.Limits;
using DnsFlow.Protocol;

namespace DnsFlow.Flows;

/// <summary>
/// What each client (an address prefix) uses: its token bucket, queries in flight and flows. Bounded; when it is full the longest unseen
/// client without anything open is forgotten. One owner; no allocation.
/// </summary>
internal sealed class ClientTable : IDisposable
{
    /// <summary>The index of clients the bounds do not apply to.</summary>
    public const int Exempt = -1;

    private readonly ClientLimitOptions _limits;
    private readonly NetworkSet _exempt;
    private readonly NativeTable<ClientSlot> _slots;
    private readonly HashIndex _index;
    private readonly ulong _seed;
    private readonly (ulong High, ulong Low) _mask4;
    private readonly (ulong High, ulong Low) _mask6;
    private int _used;
    private int _hand;

    /// <summary>Makes a table of at most <paramref name="capacity"/> clients.</summary>
    public ClientTable(ClientLimitOptions limits, int capacity, ulong seed)
    {
        _limits = limits;
        _exempt = new NetworkSet(limits.Exempt);
        _slots = new NativeTable<ClientSlot>(capacity);
        _index = new HashIndex(capacity);
        _seed = seed;
        _mask4 = NetworkSet.Mask(96 + limits.IPv4Prefix);
        _mask6 = NetworkSet.Mask(limits.IPv6Prefix);
    }

    /// <summary>The number of clients known.</summary>
    public int Count => _used;

    /// <summary>The client of an address, made if unknown; <see cref="Exempt"/> when no bounds apply or nobody can be forgotten.</summary>
    public int Find(in FlowEndpoint endpoint, long now)
    {
        if (_exempt.Contains(endpoint))
        {
            return Exempt;
        }

        var (maskHigh, maskLow) = endpoint.IsIPv4 ? _mask4 : _mask6;
        ulong high = endpoint.High & maskHigh, low = endpoint.Low & maskLow;
        var hash = WireName.Mix(WireName.Mix(_seed, high), low);
        var probe = _index.Find(hash);
        while (probe.Next(out var found))
        {
            if (_slots[found].High == high && _slots[found].Low == low)
            {
                _slots[found].LastSeen = now;
                return found;
            }
        }

        return Add(hash, high, low, now);
    }

    /// <summary>Takes a token, or the part of one that <paramref name="cost"/> says, out of a client's bucket; false when it asks too fast.</summary>
    public bool TryTakeToken(int client, long now, double cost = 1)
    {
        if (client == Exempt || _limits.Rate <= 0)
        {
            return true;
        }

        ref var slot = ref _slots[client];
        var tokens = Math.Min(_limits.Burst, slot.Tokens + (now - slot.LastRefill) * (_limits.Rate / MonotonicClock.Second));
        slot.LastRefill = now;
        slot.Tokens = tokens >= cost ? tokens - cost : tokens;
        return tokens >= cost;
    }

    /// <summary>How long the answers are counted that leave together, in microseconds.</summary>
    public const long DrainWindow = 10 * MonotonicClock.Millisecond;

    /// <summary>
    /// Takes a place among the upstreams' answers that a client gets at once; false when it has to wait. Half of them in each window makes the bound hold for
    /// any ten milliseconds, wherever they begin.
    /// </summary>
    public bool TryTakeAnswer(int client, long now)
    {
        if (client == Exempt || _limits.Drain <= 0 || _limits.Rate <= 0)
        {
            return true;
        }

        ref var slot = ref _slots[client];
        var window = (uint)(now / DrainWindow);
        if (slot.Window != window)
        {
            (slot.Window, slot.Answers) = (window, 0);
        }

        return slot.Answers < (_limits.Drain + 1) / 2 && ++slot.Answers > 0;
    }

    /// <summary>Whether every second refusal is due a truncated answer, which a real client repeats over TCP.</summary>
    public bool TakeSlip(int client) => client != Exempt && (++_slots[client].Refusals & 1) == 0;

    /// <summary>Counts a query in flight; false when the client has as many as it may have.</summary>
    public bool TryBeginQuery(int client)
    {
        if (client == Exempt)
        {
            return true;
        }

        ref var slot = ref _slots[client];
        if (slot.InFlight >= _limits.InFlight)
        {
            return false;
        }

        slot.InFlight++;
        return true;
    }

    /// <summary>A query counted by <see cref="TryBeginQuery"/> ended.</summary>
    public void EndQuery(int client)
    {
        if (client != Exempt)
        {
            _slots[client].InFlight--;
        }
    }

    /// <summary>Counts a flow; false when the client has as many as it may have.</summary>
    public bool TryBeginFlow(int client)
    {
        if (client == Exempt)
        {
            return true;
        }

        ref var slot = ref _slots[client];
        if (slot.Flows >= _limits.Flows)
        {
            return false;
        }

        slot.Flows++;
        return true;
    }

    /// <summary>A flow counted by <see cref="TryBeginFlow"/> ended.</summary>
    public void EndFlow(int client)
    {
        if (client != Exempt)
        {
            _slots[client].Flows--;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _index.Dispose();
    }

    private int Add(ulong hash, ulong high, ulong low, long now)
    {
        var slot = _used < _slots.Length ? _used++ : Forget();
        if (slot < 0)
        {
            return Exempt;
        }

        _slots[slot] = new ClientSlot { Hash = hash, High = high, Low = low, Tokens = _limits.Burst, LastRefill = now, LastSeen = now };
        _index.Add(hash, slot);
        return slot;
    }

    /// <summary>A clock hand looks at eight clients and forgets the longest unseen one that has nothing open.</summary>
    private int Forget()
    {
        var oldest = -1;
        for (var i = 0; i < 8; i++)
        {
            _hand = (_hand + 1) % _slots.Length;
            ref var slot = ref _slots[_hand];
            if (slot is { InFlight: 0, Flows: 0 } && (oldest < 0 || slot.LastSeen < _slots[oldest].LastSeen))
            {
                oldest = _hand;
            }
        }

        if (oldest >= 0)
        {
            _index.Remove(_slots[oldest].Hash, oldest);
        }

        return oldest;
    }

    private struct ClientSlot
    {
        public ulong Hash;
        public ulong High;
        public ulong Low;
        public double Tokens;
        public long LastRefill;
        public long LastSeen;
        public int InFlight;
        public int Flows;
        public uint Refusals;
        public uint Window;
        public int Answers;
    }
}
