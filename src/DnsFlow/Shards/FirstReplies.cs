using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>What is made of the replies to first attempts, whatever they came by: of one that matches its question, and of one that should but does not.</summary>
internal sealed class FirstReplies(
    ShardServices services, PendingTable pendingTable, FirstAttempts attempts, FurtherAttempts further, QuestionResults results, ResponseScrubber scrubber)
{
    private const int MaxMismatches = 20;

    private readonly TtlLimits _ttls = services.Cache.Limits;

    /// <summary>A reply matches its question. The question goes on elsewhere when this is no good answer, and is over otherwise.</summary>
    public void OnMatch(int pending, ReadOnlySpan<byte> reply, in DnsHeader header, bool isCut, long now)
    {
        ref var slot = ref pendingTable[pending];
        var server = pendingTable.Server(pending)!;
        if (slot.IsPassed)
        {
            CountSuccess(pending, now);
            results.Relay(pending, reply, now);
            return;
        }

        if (slot.CaseSeed != 0)
        {
            server.NoteCase(isRight: true);
        }

        // BADCOOKIE brought the cookie for the next question; this one goes on over TCP, where none is needed (RFC 7873 section 5.3).
        if (header.IsTruncated || isCut || (pendingTable.Group(pending).Options.Cookies && UpstreamCookies.IsBadCookie(reply, header)))
        {
            CountSuccess(pending, now);
            further.TryElsewhere(pending, UpstreamError.Truncated, now, reply.ToArray());
            return;
        }

        if (header.ResponseCode is not (ResponseCode.NoError or ResponseCode.NXDomain))
        {
            if (slot.IsFresh)
            {
                server.Failed(UpstreamError.BadResponse, now);
            }

            if (pendingTable.Group(pending).Servers.Length > 1)
            {
                further.TryElsewhere(pending, UpstreamError.BadResponse, now, reply.ToArray());
                return;
            }
        }

        if (!scrubber.TryScrub(reply, pendingTable.Question(pending), _ttls, out var scrubbed, slot.DnssecOk))
        {
            services.Counters.Ignored(IgnoredReason.MalformedReply);
            return;
        }

        if (header.ResponseCode is ResponseCode.NoError or ResponseCode.NXDomain)
        {
            CountSuccess(pending, now);
        }

        results.Complete(pending, scrubbed, now);
    }

    /// <summary>A reply has come under the ID of a question and is not about it. Too many of them, and no reply to the first attempt is believed any more.</summary>
    public void OnMismatch(int pending, long now)
    {
        var server = pendingTable.Server(pending)!;
        server.Statistics.CountMismatch();
        services.Counters.Ignored(IgnoredReason.MismatchedReply);
        ref var slot = ref pendingTable[pending];
        if (++slot.Mismatches >= MaxMismatches && slot.IsFresh && !slot.IsPassed)
        {
            // Somebody guesses at this question: nothing that comes by UDP is believed for it any more. It is not the server's doing.
            server.Failed(UpstreamError.Spoofed, now);
            attempts.Release(pending);
            further.TryElsewhere(pending, UpstreamError.Spoofed, now);
        }
    }

    private void CountSuccess(int pending, long now)
    {
        ref var slot = ref pendingTable[pending];
        if (slot.IsFresh)
        {
            pendingTable.Server(pending)!.Succeeded(now - slot.SentAt, now);
        }
        else
        {
            pendingTable.Server(pending)!.SucceededLate(now - slot.SentAt);     // the attempt was counted as failed when its time was over
        }
    }
}
