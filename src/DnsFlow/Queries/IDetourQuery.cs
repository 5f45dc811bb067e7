namespace DnsFlow.Queries;

/// <summary>A query on a detour, and what can be done for it there.</summary>
internal interface IDetourQuery
{
    /// <summary>The query as the client sent it, known to be well formed.</summary>
    byte[] Message { get; }

    /// <summary>Asks the query's group another question: local zones and the cache first. Comes back with a failure as well, never later than the group's deadline.</summary>
    ValueTask<DetourResponse> AskAsync(byte[] message);

    /// <summary>Waits.</summary>
    ValueTask WaitAsync(TimeSpan time);
}
