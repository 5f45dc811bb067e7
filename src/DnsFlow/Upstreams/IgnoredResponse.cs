namespace DnsFlow.Upstreams;

/// <summary>Takes the responses to questions that are asked for the cache alone: nobody waits for them.</summary>
internal sealed class IgnoredResponse : IForwardReceiver
{
    /// <summary>The one there is.</summary>
    public static IgnoredResponse Instance { get; } = new();

    /// <inheritdoc/>
    public void Deliver(ForwardRequest request, in ForwardedResponse response)
    {
        // The group's statistics have seen it.
    }
}
