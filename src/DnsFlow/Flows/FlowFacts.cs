namespace DnsFlow.Flows;

/// <summary>What is known of a flow when the verdict is asked for and when its queries are decided; a plain value.</summary>
/// <param name="Key">The flow's key.</param>
/// <param name="Listener">The listener's index in the plan.</param>
public readonly record struct FlowFacts(FlowKey Key, int Listener)
{
    /// <summary>The client's endpoint.</summary>
    public FlowEndpoint Client => Key.Local;

    /// <summary>The transport.</summary>
    public FlowTransport Transport => Key.Transport;
}
