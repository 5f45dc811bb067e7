namespace DnsFlow.Queries;

/// <summary>
/// A query that came back from one detour and takes another that an answer rule began: whatever that one asks goes the first way too. A name that was rewritten is
/// asked for its other types by the name it was rewritten to, never by its own.
/// </summary>
/// <param name="query">The query.</param>
/// <param name="way">The first way.</param>
internal sealed class FollowUpQuery(IDetourQuery query, QueryDetour way) : IDetourQuery
{
    /// <inheritdoc/>
    public byte[] Message => query.Message;

    /// <inheritdoc/>
    public ValueTask<DetourResponse> AskAsync(byte[] message) => way.RunAsync(new AskedQuery(query, message));

    /// <inheritdoc/>
    public ValueTask WaitAsync(TimeSpan time) => query.WaitAsync(time);

    private sealed class AskedQuery(IDetourQuery query, byte[] message) : IDetourQuery
    {
        public byte[] Message => message;

        public ValueTask<DetourResponse> AskAsync(byte[] message) => query.AskAsync(message);

        public ValueTask WaitAsync(TimeSpan time) => query.WaitAsync(time);
    }
}
