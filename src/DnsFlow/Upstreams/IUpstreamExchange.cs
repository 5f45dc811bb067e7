namespace DnsFlow.Upstreams;

/// <summary>Asks one server once. The resilience above decides whom, how and how often.</summary>
internal interface IUpstreamExchange
{
    /// <summary>
    /// Sends <paramref name="query"/> under an ID of its own and waits for the reply until <paramref name="cancellationToken"/> says that it is no longer
    /// wanted (<see cref="UpstreamError.Abandoned"/>). Does not throw for anything that a network does, and does not report to the server's
    /// health: that is the caller's.
    /// </summary>
    /// <param name="server">Who is asked.</param>
    /// <param name="overStream">Over TCP, else by a datagram.</param>
    /// <param name="query">A query by <see cref="UpstreamQueryWriter"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<UpstreamResult> AskAsync(Upstream server, bool overStream, ReadOnlyMemory<byte> query, CancellationToken cancellationToken);
}
