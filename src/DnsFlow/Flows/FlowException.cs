namespace DnsFlow.Flows;

/// <summary>
/// The owner of a flow broke the flow's contract: read or wrote before it was open, opened it twice, read twice at once, and so on. What the
/// client or the network does is never thrown: reads and writes return it as a value.
/// </summary>
public sealed class FlowException : InvalidOperationException
{
    /// <summary>Makes an exception for an error.</summary>
    public FlowException(FlowError error, string message)
        : base(message) => Error = error;

    /// <summary>What was wrong.</summary>
    public FlowError Error { get; }
}
