using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <content>Replies to first attempts: which are believed, and what is made of them.</content>
internal sealed partial class QuestionForwarder
{
    private const int MaxMismatches = 20;

    /// <summary>Datagrams came on an upstream socket.</summary>
    public void OnReplies(int socket, DatagramBatch batch, int count, long now)
    {
        if (count > 1)
        {
            _replies.Prefetch(socket, batch, count);
        }

        for (var i = 0; i < count && _sockets.IsOpen(socket); i++)
        {
            OnReply(socket, batch.Payload(i), batch[i].IsCut, now);
        }
    }

    /// <summary>The server behind a socket refused (ICMP): what was asked there has failed.</summary>
    public void OnRefused(int socket, long now)
    {
        // All questions are looked at: that is rare, and every socket would have to list its own otherwise.
        var server = _sockets[socket].Server;
        for (var pending = 0; pending < _pending.HighWater; pending++)
        {
            if (_pending[pending] is { State: PendingState.FirstAttempt or PendingState.Hedged } slot && slot.Socket == socket)
            {
                server.Failed(UpstreamError.Refused, now);
                TryElsewhere(pending, UpstreamError.Refused, now);
            }
        }
    }

    private void OnReply(int socket, ReadOnlySpan<byte> reply, bool isCut, long now)
    {
        if (!DnsHeader.TryRead(reply, out var header))
        {
            _services.Counters.Ignored(IgnoredReason.MalformedReply);
            return;
        }

        var pending = _pending.FindReply(socket, header.Id);
        if (pending < 0)
        {
            _sockets[socket].Server.Statistics.CountMismatch();
            _services.Counters.Ignored(IgnoredReason.MismatchedReply);
            return;
        }

        var asked = _attempts.Asked(pending, _asked);
        switch (ReplyMatcher.Match(reply, header.Id, asked))
        {
            case ReplyMatch.Match when !_attempts.AcceptsOptions(pending, reply):
                OnMismatch(pending, now);
                break;
            case ReplyMatch.Match:
                OnMatch(pending, reply, header, isCut, now);
                break;
            case ReplyMatch.Malformed:
                _services.Counters.Ignored(IgnoredReason.MalformedReply);
                break;
            default:
                OnMismatch(pending, now);
                if (_pending[pending].CaseSeed != 0 && IsInOtherCase(reply, asked))
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
        _pending.Server(pending)!.NoteCase(isRight: false);
        if (IsFresh(_pending[pending]))
        {
            _attempts.Release(pending);
            TryElsewhere(pending, UpstreamError.Truncated, now);
        }
    }

    private void OnMatch(int pending, ReadOnlySpan<byte> reply, in DnsHeader header, bool isCut, long now)
    {
        ref var slot = ref _pending[pending];
        var server = _pending.Server(pending)!;
        if (slot.IsPassed)
        {
            CountSuccess(pending, now);
            _results.Relay(pending, reply, now);
            return;
        }

        if (slot.CaseSeed != 0)
        {
            server.NoteCase(isRight: true);
        }

        // BADCOOKIE brought the cookie for the next question; this one goes on over TCP, where none is needed (RFC 7873 section 5.3).
        if (header.IsTruncated || isCut || (_pending.Group(pending).Options.Cookies && UpstreamCookies.IsBadCookie(reply, header)))
        {
            CountSuccess(pending, now);
            TryElsewhere(pending, UpstreamError.Truncated, now, reply.ToArray());
            return;
        }

        if (header.ResponseCode is not (ResponseCode.NoError or ResponseCode.NXDomain))
        {
            if (IsFresh(slot))
            {
                server.Failed(UpstreamError.BadResponse, now);
            }

            if (_pending.Group(pending).Servers.Length > 1)
            {
                TryElsewhere(pending, UpstreamError.BadResponse, now, reply.ToArray());
                return;
            }
        }

        if (!_scrubber.TryScrub(reply, _pending.Question(pending), _ttls, out var scrubbed, _pending[pending].DnssecOk))
        {
            _services.Counters.Ignored(IgnoredReason.MalformedReply);
            return;
        }

        if (header.ResponseCode is ResponseCode.NoError or ResponseCode.NXDomain)
        {
            CountSuccess(pending, now);
        }

        _results.Complete(pending, scrubbed, now);
    }

    private void CountSuccess(int pending, long now)
    {
        ref var slot = ref _pending[pending];
        if (IsFresh(slot))
        {
            _pending.Server(pending)!.Succeeded(now - slot.SentAt, now);
        }
        else
        {
            _pending.Server(pending)!.SucceededLate(now - slot.SentAt);     // the attempt was counted as failed when its time was over
        }
    }

    private void OnMismatch(int pending, long now)
    {
        var server = _pending.Server(pending)!;
        server.Statistics.CountMismatch();
        _services.Counters.Ignored(IgnoredReason.MismatchedReply);
        ref var slot = ref _pending[pending];
        if (++slot.Mismatches >= MaxMismatches && IsFresh(slot) && !slot.IsPassed)
        {
            // Somebody guesses at this question: nothing that comes by UDP is believed for it any more. It is not the server's doing.
            server.Failed(UpstreamError.Spoofed, now);
            _attempts.Release(pending);
            TryElsewhere(pending, UpstreamError.Spoofed, now);
        }
    }
}
