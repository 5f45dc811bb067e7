using System.Net;
using DnsFlow.Limits;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Attempts;
using DnsFlow.Upstreams.Lanes;

namespace DnsFlow.Shards;

/// <summary>
/// A shard's lanes: at most four to a server and 64 in all. To the shard they are like sockets, with numbers above theirs. A server that cannot be connected to is left
/// alone for a tenth of a second, then twice as long each time, up to two seconds; the shard's questions fail at once meanwhile.
/// </summary>
internal sealed class StreamLanes(UpstreamDialer? dialer, ILaneOwner owner)
{
    /// <summary>The number of the first lane.</summary>
    public const int First = 1 << 16;

    private const int MaxLanes = 64, MaxPerServer = 4, MaxGivenUp = 256, Comfortable = StreamLane.MaxInFlight / 2;
    private const long FirstPause = 100 * MonotonicClock.Millisecond, LongestPause = 2 * MonotonicClock.Second;

    private readonly LaneSlot?[] _lanes = new LaneSlot?[MaxLanes];
    private readonly int[] _dirty = new int[MaxLanes];
    private readonly Dictionary<int, (long Until, long Pause, UpstreamError Error)> _pauses = [];
    private int _dirtyCount;
    private LaneSlot? _last;

    /// <summary>Whether a server is asked by lanes.</summary>
    public bool Serves(Upstream server) => dialer is not null && server.Link.Scheme is UpstreamAddress.Tcp or UpstreamAddress.Tls;

    /// <summary>Whether a number is that of a lane.</summary>
    public static bool IsLane(int socket) => socket >= First;

    /// <summary>A lane by its number.</summary>
    public LaneSlot this[int socket] => _lanes[socket - First]!;

    /// <summary>Whether the lane of a number is this one still.</summary>
    public bool Has(StreamLane lane) => _lanes[lane.Slot - First]?.Lane == lane;

    /// <summary>
    /// The number of the lane that the next question to a server goes by; -1 when there is none, with <paramref name="failure"/>: the server cannot be connected to, or
    /// <see cref="UpstreamError.None"/>: all lanes are full.
    /// </summary>
    public int Acquire(Upstream server, long now, out UpstreamError failure)
    {
        failure = UpstreamError.None;
        if (_last is { IsRetired: false, InFlight: < Comfortable, Lane: { IsReady: true, IsClosed: false } } last && last.Lane.Server == server)
        {
            return last.Lane.Slot;
        }

        var best = Best(server, out var count, out var hasSpare);
        if (best is null || (best.InFlight >= Comfortable && !hasSpare && count < MaxPerServer))
        {
            var opened = Open(server, count, now, out failure);
            best = best is { InFlight: < StreamLane.MaxInFlight } ? best : opened ?? best;
        }

        _last = best ?? _last;
        return best is { InFlight: < StreamLane.MaxInFlight } ? best.Lane.Slot : -1;
    }

    /// <summary>Adds a query to a lane, under an ID that no other question on it has; false when there is no room.</summary>
    public bool TrySend(int socket, ReadOnlySpan<byte> query, long now)
    {
        var slot = this[socket];
        if (!slot.Lane.TryAdd(query, now))
        {
            return false;
        }

        slot.Count(1);
        if (!slot.IsDirty)
        {
            slot.IsDirty = true;
            _dirty[_dirtyCount++] = socket;
        }

        return true;
    }

    /// <summary>Has what was added written.</summary>
    public void Flush()
    {
        for (var i = 0; i < _dirtyCount; i++)
        {
            if (_lanes[_dirty[i] - First] is { } slot)
            {
                slot.IsDirty = false;
                slot.Lane.Flush();
            }
        }

        _dirtyCount = 0;
    }

    /// <summary>A question no longer waits on a lane; the reply to it may still come.</summary>
    public void Release(int socket, ushort id)
    {
        var slot = this[socket];
        slot.Count(-1);
        slot.GiveUp(id);
        slot.IsRetired |= slot.GivenUp > MaxGivenUp;
        CloseIfOver(slot);
    }

    /// <summary>A question that was sent at <paramref name="sentAt"/> is overdue: when nothing at all came since, the lane gets no new ones.</summary>
    public void OnTimeout(int socket, long sentAt)
    {
        var slot = this[socket];
        slot.IsRetired |= slot.Lane.LastHeard < sentAt;
    }

    /// <summary>A lane is closed: its number is free. Its server rests for a while if it could not be connected to.</summary>
    public void Remove(StreamLane lane, UpstreamError error, long now)
    {
        _lanes[lane.Slot - First] = null;
        _last = _last?.Lane == lane ? null : _last;
        if (lane.IsReady)
        {
            _pauses.Remove(lane.Server.Id);
            return;
        }

        var pause = _pauses.TryGetValue(lane.Server.Id, out var before) ? Math.Min(LongestPause, 2 * before.Pause) : FirstPause;
        _pauses[lane.Server.Id] = (now + pause, pause, error);
    }

    /// <summary>Opens a lane to each server that TLS is spoken to, so that it is there when the first client comes; those of other servers get no new questions.</summary>
    public void Follow(ForwardingPlan plan, long now)
    {
        foreach (var slot in _lanes)
        {
            if (slot is not null && !IsPart(plan, slot.Lane.Server))
            {
                slot.IsRetired = true;
                CloseIfOver(slot);
            }
        }

        foreach (var group in plan.Groups)
        {
            foreach (var server in group.Servers)
            {
                if (Serves(server) && server.Link.IsEncrypted && Best(server, out _, out _) is null)
                {
                    Open(server, 0, now, out _);
                }
            }
        }
    }

    /// <summary>Closes the lanes that leave from an address of which <paramref name="isGone"/> says so, and lets all servers be connected to at once.</summary>
    public void OnNetworkChanged(Func<IPAddress, bool> isGone)
    {
        _pauses.Clear();
        foreach (var slot in _lanes)
        {
            if (slot?.Lane.LocalAddress is { } address && isGone(address))
            {
                slot.Lane.Close();
            }
        }
    }

    /// <summary>Closes all.</summary>
    public void Close()
    {
        foreach (var slot in _lanes)
        {
            slot?.Lane.Close();
        }
    }

    private static bool IsPart(ForwardingPlan plan, Upstream server)
    {
        foreach (var group in plan.Groups)
        {
            if (group.Servers.Contains(server))
            {
                return true;
            }
        }

        return false;
    }

    private static void CloseIfOver(LaneSlot slot)
    {
        if (slot is { IsRetired: true, InFlight: 0 })
        {
            slot.Lane.Close();
        }
    }

    private LaneSlot? Best(Upstream server, out int count, out bool hasSpare)
    {
        var best = default(LaneSlot);
        count = 0;
        hasSpare = false;
        foreach (var slot in _lanes)
        {
            if (slot is not null && slot.Lane.Server == server)
            {
                count++;
                if (!slot.IsRetired && !slot.Lane.IsClosed)
                {
                    best = best is null || Load(slot) < Load(best) ? slot : best;
                    hasSpare |= slot.InFlight < Comfortable;
                }
            }
        }

        return best;
    }

    // One that is not connected yet comes last: its server may have fallen silent, and then it never will be.
    private static int Load(LaneSlot slot) => slot switch
    {
        { InFlight: >= StreamLane.MaxInFlight } => int.MaxValue,
        { Lane.IsReady: false } => StreamLane.MaxInFlight + slot.InFlight,
        _ => slot.InFlight,
    };

    private LaneSlot? Open(Upstream server, int count, long now, out UpstreamError failure)
    {
        failure = UpstreamError.None;
        if (_pauses.TryGetValue(server.Id, out var pause) && now < pause.Until)
        {
            failure = pause.Error;
            return null;
        }

        var slot = Array.IndexOf(_lanes, null);
        if (slot < 0 || count >= MaxPerServer || dialer is null)
        {
            return null;
        }

        var lane = new StreamLane(server, dialer, owner, First + slot);
        lane.Start();
        return _lanes[slot] = new LaneSlot(lane);
    }
}
