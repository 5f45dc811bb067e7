using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>The datagrams that come on upstream sockets, where anybody can send one: which is believed, and what one tells that is not.</summary>
internal sealed class DatagramReplies(
    ShardServices services, PendingTable pendingTable, UpstreamSockets sockets, FirstAttempts attempts, FurtherAttempts further, FirstReplies replies, ReplyBatch prefetches)
{
    private readonly byte[] _asked = new byte[WaiterTable.QuestionSize];

    /// <summary>Datagrams came on an upstream socket.</summary>
    public void OnReplies(int socket, DatagramBatch batch, int count, long now)
    {
        if (count > 1)
        {
            prefetches.Prefetch(socket, batch, count);
        }

        for (var i = 0; i < count && sockets.IsOpen(socket); i++)
        {
            OnReply(socket, batch.Payload(i), batch[i].IsCut, now);
        }
    }

    /// <summary>The server behind a socket refused (ICMP): what was asked there has failed.</summary>
    public void OnRefused(int socket, long now)
    {
        // All questions are looked at: that is rare, and every socket would have to list its own otherwise.
        var server = sockets[socket].Server;
        for (var pending = 0; pending < pendingTable.HighWater; pending++)
        {
            if (pendingTable[pending] is { IsFresh: true } slot && slot.Socket == socket)
            {
                server.Failed(UpstreamError.Refused, now);
                further.TryElsewhere(pending, UpstreamError.Refused, now);
            }
        }
    }

    private void OnReply(int socket, ReadOnlySpan<byte> reply, bool isCut, long now)
    {
        if (!DnsHeader.TryRead(reply, out var header))
        {
            services.Counters.Ignored(IgnoredReason.MalformedReply);
            return;
        }

        var pending = pendingTable.FindReply(socket, header.Id);
        if (pending < 0)
        {
            sockets[socket].Server.Statistics.CountMismatch();
            services.Counters.Ignored(IgnoredReason.MismatchedReply);
            return;
        }

        var asked = attempts.Asked(pending, _asked);
        switch (ReplyMatcher.Match(reply, header.Id, asked))
        {
            case ReplyMatch.Match when !attempts.AcceptsOptions(pending, reply):
                replies.OnMismatch(pending, now);
                break;
            case ReplyMatch.Match:
                replies.OnMatch(pending, reply, header, isCut, now);
                break;
            case ReplyMatch.Malformed:
                services.Counters.Ignored(IgnoredReason.MalformedReply);
                break;
            default:
                replies.OnMismatch(pending, now);
                if (pendingTable[pending].CaseSeed != 0 && IsInOtherCase(reply, asked))
                {
                    OnOtherCase(pending, now);
                }

                break;
        }
    }

    private static bool IsInOtherCase(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> asked)
        => reply.Length >= DnsHeader.Size + asked.Length && WireName.EqualsIgnoreCase(reply.Slice(DnsHeader.Size, asked.Length - 4), asked[..^4]);

    /// <summary>A server that does not repeat the letter case, or somebody who guessed all but that: no datagram is believed for this question any more.</summary>
    private void OnOtherCase(int pending, long now)
    {
        pendingTable.Server(pending)!.NoteCase(isRight: false);
        if (pendingTable[pending].IsFresh)
        {
            attempts.Release(pending);
            further.TryElsewhere(pending, UpstreamError.Truncated, now);
        }
    }
}
