namespace DnsFlow.Upstreams;

/// <summary>Takes the responses to mirrored questions, which nobody waits for.</summary>
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
