using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// How many queries each of many keys has left: the time up to which its queries are used up (GCRA), two numbers a key. Bounded: of four places a key can have, one
/// that nobody holds any more is taken, else the one used least; whoever loses a place begins anew. Thread safe, without locks; allocates nothing.
/// </summary>
internal sealed class RateTable
{
    /// <summary>The clients that are told apart.</summary>
    public const int MaxClients = 16_384;

    private const int Ways = 4;

    private readonly ulong[] _keys;
    private readonly long[] _usedUntil;
    private readonly long _interval;
    private readonly long _tolerance;

    /// <summary>Makes a table for <paramref name="capacity"/> keys (a power of two).</summary>
    public RateTable(double rate, int burst, int capacity)
    {
        _keys = new ulong[capacity];
        _usedUntil = new long[capacity];
        _interval = Math.Max(1, (long)(MonotonicClock.Second / rate));
        _tolerance = _interval * burst;
    }

    /// <summary>What tells a client from others: its IPv4 address, or the first 56 bits of its IPv6 address.</summary>
    public static ulong KeyOf(in FlowEndpoint client) => WireName.Mix(client.IsIPv4 ? client.Low : client.High >> 8, 0x9E37_79B9_7F4A_7C15) | 1;

    /// <summary>Takes one query of a key; false when none is left. <paramref name="now"/> in microseconds.</summary>
    public bool TryTake(ulong key, long now)
    {
        ref var used = ref _usedUntil[Find(key, now)];
        while (true)
        {
            var before = Volatile.Read(ref used);
            var after = Math.Max(before, now) + _interval;
            if (after - now > _tolerance)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref used, after, before) == before)
            {
                return true;
            }
        }
    }

    private int Find(ulong key, long now)
    {
        var first = (int)(key >> 32) & (_keys.Length - 1) & ~(Ways - 1);
        var least = first;
        for (var i = first; i < Math.Min(first + Ways, _keys.Length); i++)
        {
            if (_keys[i] == key)
            {
                return i;
            }

            least = _usedUntil[i] < _usedUntil[least] ? i : least;
        }

        _keys[least] = key;
        Volatile.Write(ref _usedUntil[least], Math.Min(Volatile.Read(ref _usedUntil[least]), now));
        return least;
    }
}
