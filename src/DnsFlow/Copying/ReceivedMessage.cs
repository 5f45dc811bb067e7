using DnsFlow.Flows;

namespace DnsFlow.Copying;

/// <summary>What a remote side received: a message, its end, or why it broke.</summary>
/// <param name="Message">A DNS message in wire form, valid until the next receive; empty when no more comes.</param>
/// <param name="Error">Why no more comes; null for an end in good order.</param>
public readonly record struct ReceivedMessage(ReadOnlyMemory<byte> Message, FlowError? Error)
{
    /// <summary>No more comes.</summary>
    public bool IsEnd => Message.IsEmpty;
}
