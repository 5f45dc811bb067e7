using System.Threading.Channels;
using DnsFlow.Copying;
using DnsFlow.Flows;

namespace DnsFlow.Tests.Copying;

/// <summary>A remote side that does what the test says and remembers what was asked of it.</summary>
internal sealed class FakeRemoteConnection : IRemoteConnection
{
    private readonly Channel<ReceivedMessage> _responses = Channel.CreateUnbounded<ReceivedMessage>();
    private int _sending;

    /// <summary>What a send does after the message was recorded; by default it is taken at once.</summary>
    public Func<byte[], ValueTask<FlowError?>> OnSend { get; set; } = _ => default;

    public Func<ValueTask<FlowError?>> OnReady { get; set; } = () => default;

    /// <summary>Called when the copier comes for the next message.</summary>
    public Action OnReceive { get; set; } = () => { };

    public RemoteState State { get; private set; }

    public List<byte[]> Sent { get; } = [];

    public int Cancels { get; private set; }

    /// <summary>The most sends that were under way at one time.</summary>
    public int MostSending { get; private set; }

    public int Received { get; private set; }

    public async ValueTask<FlowError?> ReadyAsync(CancellationToken cancellationToken)
    {
        State = RemoteState.Preparing;
        var error = await OnReady();
        State = error is null ? RemoteState.Ready : RemoteState.Failed;
        return error;
    }

    public async ValueTask<FlowError?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        MostSending = Math.Max(MostSending, Interlocked.Increment(ref _sending));
        var copy = message.ToArray();
        lock (Sent)
        {
            Sent.Add(copy);
        }

        try
        {
            return await OnSend(copy);
        }
        finally
        {
            Interlocked.Decrement(ref _sending);
        }
    }

    public async ValueTask<ReceivedMessage> ReceiveAsync(CancellationToken cancellationToken)
    {
        OnReceive();
        if (!await _responses.Reader.WaitToReadAsync(cancellationToken) || !_responses.Reader.TryRead(out var message))
        {
            return default;
        }

        Received++;
        return message;
    }

    public void Respond(params byte[] message) => _responses.Writer.TryWrite(new ReceivedMessage(message, null));

    public void End(FlowError? error) => _responses.Writer.TryWrite(new ReceivedMessage(default, error));

    public void Cancel()
    {
        Cancels++;
        State = RemoteState.Cancelled;
        _responses.Writer.TryComplete();
    }

    public ValueTask DisposeAsync() => default;
}
