using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Lanes;

namespace DnsFlow.Shards;

/// <content>First attempts by lanes, over TCP and TLS.</content>
internal sealed partial class QuestionForwarder
{
    /// <summary>Replies came on a lane, each behind its length.</summary>
    public void OnLaneReplies(StreamLane lane, ReadOnlySpan<byte> messages, long now)
    {
        while (messages.Length > 0 && _lanes.Has(lane))
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(messages);
            OnLaneReply(lane.Slot, messages.Slice(2, length), now);
            messages = messages[(2 + length)..];
        }
    }

    /// <summary>A lane is closed: what was asked on it and not answered has failed. A broken connection is one failure of its server, however many questions it cost.</summary>
    public void OnLaneClosed(StreamLane lane, UpstreamError error, long now)
    {
        if (!_lanes.Has(lane))
        {
            return;
        }

        var isCounted = false;
        for (var pending = 0; pending < _pending.HighWater && _lanes[lane.Slot].InFlight > 0; pending++)
        {
            if (_pending[pending] is not { State: not PendingState.Free } slot || slot.Socket != lane.Slot)
            {
                continue;
            }

            _attempts.Release(pending);
            if (IsFresh(slot))
            {
                lane.Server.Failed(error, now, isCounted);
                isCounted = true;
                TryElsewhere(pending, error, now);
            }
        }

        _lanes.Remove(lane, error, now);
    }

    /// <summary>Another plan is in force: lanes to its servers are opened, those of other servers get no new questions.</summary>
    public void Follow(ForwardingPlan plan, long now) => _lanes.Follow(plan, now);

    /// <summary>The network is another one; see <see cref="StreamLanes.OnNetworkChanged"/>.</summary>
    public void OnNetworkChanged(Func<System.Net.IPAddress, bool> isGone) => _lanes.OnNetworkChanged(isGone);

    /// <summary>Asks over a stream. False when that is done by the service plane, which has the question then.</summary>
    private bool TrySendOverStream(int pending, in Question question, Upstream server)
    {
        var failure = UpstreamError.None;
        if (!question.IsPassed && _lanes.Serves(server))
        {
            if (_attempts.TrySendByLane(pending, question, server, out failure))
            {
                return true;
            }

            if (failure == UpstreamError.None)
            {
                server.Statistics.CountLanesFull();
            }
            else
            {
                server.Sent();
                server.Failed(failure, question.Now);
            }
        }

        TryElsewhere(pending, failure, question.Now);
        return false;
    }

    /// <summary>How long the first attempt has: longer when a connection must be opened first.</summary>
    private long AttemptTime(int pending, Upstream server)
        => StreamLanes.IsLane(_pending[pending].Socket) && !_lanes[_pending[pending].Socket].Lane.IsReady ? server.Health.ConnectingTime : server.AttemptTimeout;

    private void OnLaneReply(int socket, ReadOnlySpan<byte> reply, long now)
    {
        var lane = _lanes[socket];
        if (!DnsHeader.TryRead(reply, out var header))
        {
            _services.Counters.Ignored(IgnoredReason.MalformedReply);
            lane.CountMismatch();
            return;
        }

        var pending = _pending.FindReply(socket, header.Id);
        if (pending < 0)
        {
            OnUnwantedReply(lane, header.Id);
            return;
        }

        var match = ReplyMatcher.Match(reply, header.Id, _pending.Question(pending));
        if (match == ReplyMatch.Match && _attempts.AcceptsSubnet(pending, reply))
        {
            OnMatch(pending, reply, header, isCut: false, now);
            Detach(lane, header.Id);
            return;
        }

        if (match == ReplyMatch.Malformed)
        {
            _services.Counters.Ignored(IgnoredReason.MalformedReply);
        }
        else
        {
            OnMismatch(pending, now);
        }

        lane.CountMismatch();
    }

    private void OnUnwantedReply(LaneSlot lane, ushort id)
    {
        if (lane.Settle(id))
        {
            _services.Counters.Ignored(IgnoredReason.Late);
            return;
        }

        lane.Lane.Server.Statistics.CountMismatch();
        _services.Counters.Ignored(IgnoredReason.MismatchedReply);
        lane.CountMismatch();
    }

    /// <summary>No second reply comes by a stream: the ID is free again, whether the question is over or goes on elsewhere.</summary>
    private void Detach(LaneSlot lane, ushort id)
    {
        var pending = _pending.FindReply(lane.Lane.Slot, id);
        if (pending >= 0)
        {
            _attempts.Release(pending);
        }

        lane.Settle(id);
    }
}
