using DnsFlow.Flows;

namespace DnsFlow.Copying;

/// <summary>
/// The remote side of one flow: a path of messages to an upstream and back, whatever carries it. One send and one receive at a time. What the network
/// does comes back as a value; an exception is a fault of the implementation.
/// </summary>
public interface IRemoteConnection : IAsyncDisposable
{
    /// <summary>Where the connection is in its life.</summary>
    RemoteState State { get; }

    /// <summary>Makes the connection; done when messages can be sent, or with the reason why they cannot.</summary>
    ValueTask<FlowError?> ReadyAsync(CancellationToken cancellationToken);

    /// <summary>Sends one message; done when the connection has taken it, so that a slow one slows its sender. The message is free again then.</summary>
    ValueTask<FlowError?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>Receives the next message.</summary>
    ValueTask<ReceivedMessage> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Ends the connection; what is pending ends too. Any thread, any number of times.</summary>
    void Cancel();
}
