namespace DnsFlow.Upstreams.Attempts;

/// <summary>Turns a reply that matched into a result.</summary>
internal static class Reply
{
    /// <summary>Whether the message is the reply to the query, and whole.</summary>
    public static bool IsFor(ReadOnlySpan<byte> query, ushort id, ReadOnlySpan<byte> reply)
        => ReplyMatcher.Match(reply, id, UpstreamQueryWriter.Question(query)) == ReplyMatch.Match && ReplyMatcher.IsWhole(reply);

    /// <summary>The result that a matching reply from <paramref name="server"/> makes. Copies the octets.</summary>
    public static UpstreamResult Classify(Upstream server, ReadOnlySpan<byte> reply)
    {
        var error = ReplyMatcher.IsBad(reply) ? UpstreamError.BadResponse
            : ReplyMatcher.IsTruncated(reply) ? UpstreamError.Truncated
            : UpstreamError.None;

        // A bare FORMERR or NOTIMP is no answer to anybody's question.
        return new UpstreamResult(ReplyMatcher.HasQuestion(reply) ? reply.ToArray() : null, error, server);
    }
}
