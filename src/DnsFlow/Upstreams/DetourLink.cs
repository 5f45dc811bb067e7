using DnsFlow.Queries;

namespace DnsFlow.Upstreams;

/// <summary>A question of a detour that takes one itself: a name was rewritten to an alias of a zone of ours, and that leads out of it.</summary>
internal sealed class DetourLink(DetourQuery query, byte[] message) : IDetourQuery
{
    /// <inheritdoc/>
    public byte[] Message => message;

    /// <inheritdoc/>
    public ValueTask<DetourResponse> AskAsync(byte[] message) => query.AskAsync(message, isLast: true);

    /// <inheritdoc/>
    public ValueTask WaitAsync(TimeSpan time) => query.WaitAsync(time);
}
