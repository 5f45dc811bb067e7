using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Lanes;

namespace DnsFlow.Shards;

/// <summary>The replies that come by lanes, over TCP and TLS, and what becomes of the questions on a lane that closes.</summary>
internal sealed class LaneReplies(
    ShardServices services, PendingTable pendingTable, StreamLanes lanes, FirstAttempts attempts, FurtherAttempts further, FirstReplies replies)
{
    /// <summary>Replies came on a lane, each behind its length.</summary>
    public void OnReplies(StreamLane lane, ReadOnlySpan<byte> messages, long now)
    {
        while (messages.Length > 0 && lanes.Has(lane))
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(messages);
            OnReply(lane.Slot, messages.Slice(2, length), now);
            messages = messages[(2 + length)..];
        }
    }

    /// <summary>A lane is closed: what was asked on it and not answered has failed. A broken connection is one failure of its server, however many questions it cost.</summary>
    public void OnClosed(StreamLane lane, UpstreamError error, long now)
    {
        if (!lanes.Has(lane))
        {
            return;
        }

        var isCounted = false;
        for (var pending = 0; pending < pendingTable.HighWater && lanes[lane.Slot].InFlight > 0; pending++)
        {
            if (pendingTable[pending] is not { State: not PendingState.Free } slot || slot.Socket != lane.Slot)
            {
                continue;
            }

            attempts.Release(pending);
            if (slot.IsFresh)
            {
                lane.Server.Failed(error, now, isCounted);
                isCounted = true;
                further.TryElsewhere(pending, error, now);
            }
        }

        lanes.Remove(lane, error, now);
    }

    private void OnReply(int socket, ReadOnlySpan<byte> reply, long now)
    {
        var lane = lanes[socket];
        if (!DnsHeader.TryRead(reply, out var header))
        {
            services.Counters.Ignored(IgnoredReason.MalformedReply);
            lane.CountMismatch();
            return;
        }

        var pending = pendingTable.FindReply(socket, header.Id);
        if (pending < 0)
        {
            OnUnwantedReply(lane, header.Id);
            return;
        }

        var match = ReplyMatcher.Match(reply, header.Id, pendingTable.Question(pending));
        if (match == ReplyMatch.Match && attempts.AcceptsSubnet(pending, reply))
        {
            replies.OnMatch(pending, reply, header, isCut: false, now);
            Detach(lane, header.Id);
            return;
        }

        if (match == ReplyMatch.Malformed)
        {
            services.Counters.Ignored(IgnoredReason.MalformedReply);
        }
        else
        {
            replies.OnMismatch(pending, now);
        }

        lane.CountMismatch();
    }

    private void OnUnwantedReply(LaneSlot lane, ushort id)
    {
        if (lane.Settle(id))
        {
            services.Counters.Ignored(IgnoredReason.Late);
            return;
        }

        lane.Lane.Server.Statistics.CountMismatch();
        services.Counters.Ignored(IgnoredReason.MismatchedReply);
        lane.CountMismatch();
    }

    /// <summary>No second reply comes by a stream: the ID is free again, whether the question is over or goes on elsewhere.</summary>
    private void Detach(LaneSlot lane, ushort id)
    {
        var pending = pendingTable.FindReply(lane.Lane.Slot, id);
        if (pending >= 0)
        {
            attempts.Release(pending);
        }

        lane.Settle(id);
    }
}
