using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Copying;

/// <summary>
/// The way back of one stream flow. Responses come to it from the copier and, in any order, from shards (RFC 7766 section 6.2.1.1); they gather while a block
/// is being written, and one block at a time is. It counts what is under way and says when there is room for more. From any thread.
/// </summary>
internal sealed class StreamOutput(StreamFlow flow, StreamServices services) : IForwardReceiver, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private ResponseBlocks _blocks = new();
    private TaskCompletionSource? _room;
    private int _inFlight;
    private bool _isEnded;
    private volatile bool _isStopping;

    /// <summary>The flow.</summary>
    public StreamFlow Flow => flow;

    /// <summary>Queries whose response is still to come.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate)
            {
                return _inFlight;
            }
        }
    }

    /// <summary>Octets that the client has not taken yet.</summary>
    public int Unsent
    {
        get
        {
            lock (_gate)
            {
                return _blocks.Unsent;
            }
        }
    }

    /// <summary>Whether nothing is in flight, so that ending the flow loses nothing.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _inFlight == 0 && !_blocks.IsWriting;
            }
        }
    }

    /// <summary>Whether another query may be taken. After the end always: nothing waits for a client that is gone.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return IsRoomy();
            }
        }
    }

    /// <summary>The last response.</summary>
    public LastAnswer LastAnswer { get; private set; }

    /// <summary>When a write ended last, in microseconds; 0 = never.</summary>
    public long LastWritten => _blocks.LastWritten;

    /// <summary>Whether the provider stops: nobody waits for room any more.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Whether the client has not taken what is written for too long.</summary>
    public bool IsStalled(long now) => _blocks.IsStalled(now);

    /// <summary>A question goes to a shard, or on a detour, which deliver its response here.</summary>
    public ForwardRequest Begin(ForwardingPlan plan, in QueryContext context)
    {
        lock (_gate)
        {
            _inFlight++;
        }

        return StreamQuestions.Request(plan, context, this);
    }

    /// <summary>Nobody took what was begun: the answer is in the context.</summary>
    public void Refuse(in QueryContext context)
    {
        lock (_gate)
        {
            _inFlight--;
        }

        Answer(context);
    }

    /// <summary>Adds the answer that is in the context, and counts it.</summary>
    public void Answer(in QueryContext context)
    {
        Add(context.Response[..services.Questions.Complete(flow, context.Message, context.Query, context.EchoedSubnet, context.Response, context.ResponseLength)]);
        Finish(context.Outcome, context.ResponseCode, context.Now);
    }

    /// <summary>Counts the end of a question.</summary>
    public void Finish(QueryOutcome outcome, ResponseCode code, long receivedAt) => LastAnswer = services.Questions.Finish(flow, LastAnswer, outcome, code, receivedAt);

    /// <inheritdoc/>
    void IForwardReceiver.Deliver(ForwardRequest request, in ForwardedResponse response)
    {
        bool flushes;
        lock (_gate)
        {
            Finish(_isEnded ? QueryOutcome.Dropped : response.Outcome, response.Code, request.ReceivedAt);
            if (response.Message.Length > 0 && !_isEnded)
            {
                Add(services.Questions.Complete(flow, request, response.Message));
            }

            _inFlight--;
            flushes = _blocks.TryBeginWriting();
            ReleaseRoom();
        }

        if (flushes)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);      // never write on a shard's thread
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => _ = WriteAllAsync();

    /// <summary>Writes what has gathered, unless somebody is about it.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            if (!_blocks.TryBeginWriting())
            {
                return Task.CompletedTask;
            }
        }

        return WriteAllAsync();
    }

    /// <summary>Waits until another query may be taken, or the provider stops.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            return IsRoomy() || _isStopping ? Task.CompletedTask : NextRoom();
        }
    }

    /// <summary>Waits until every query has its response and every response is written, or the flow is closed.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_isEnded || (_inFlight == 0 && !_blocks.IsWriting && _blocks.Unsent == 0))
                {
                    return;
                }

                room = NextRoom();
            }

            await Task.WhenAny(room, flow.Closed).ConfigureAwait(false);
            if (flow.Closed.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>The provider stops: whoever waits for room looks again.</summary>
    public void Stop()
    {
        _isStopping = true;
        lock (_gate)
        {
            ReleaseRoom();
        }
    }

    /// <summary>The memory of all streams is used up: this client goes, and what it holds is free for others.</summary>
    public void Starve()
    {
        services.Counters.Shed(ShedReason.Memory);
        flow.Close(FlowCloseReason.BudgetExceeded, FlowError.Aborted);
    }

    /// <summary>The one way out: both directions are closed, for success and for failure alike. What comes afterwards is forgotten.</summary>
    public void End(FlowCloseReason? reason)
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            _blocks.Clear(services.Memory);
            ReleaseRoom();
        }

        if (reason is { } own)
        {
            flow.Close(own, flow.Error);
        }

        flow.CloseRead(flow.Error);
        flow.CloseWrite(flow.Error);
    }

    private bool IsRoomy()
        => _isEnded || (_inFlight < services.Limits.PerFlow.InFlight && _blocks.Unsent < services.Limits.PerFlow.QueuedBytes);

    private Task NextRoom() => (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Called under the lock: whoever waits looks again.</summary>
    private void ReleaseRoom()
    {
        if (_room is { } room)
        {
            _room = null;
            room.SetResult();
        }
    }

    private void Add(ReadOnlySpan<byte> response)
    {
        bool isAdded;
        lock (_gate)
        {
            isAdded = _isEnded || _blocks.TryAdd(response, services.Memory);
        }

        if (!isAdded)
        {
            Starve();
        }
    }

    /// <summary>Writes until nothing is left; one at a time, whoever began.</summary>
    private async Task WriteAllAsync()
    {
        while (TakeBlock() is { Count: > 0 } block)
        {
            var isWritten = await flow.WriteAsync(block, CancellationToken.None).ConfigureAwait(false);
            lock (_gate)
            {
                _blocks.Written(block, services.Memory, services.Clock.Now);
            }

            if (!isWritten)
            {
                End(null);
            }
        }
    }

    private ArraySegment<byte> TakeBlock()
    {
        lock (_gate)
        {
            var block = _blocks.Take(services.Clock.Now);
            if (block.Count == 0)
            {
                ReleaseRoom();
            }

            return block;
        }
    }
}
