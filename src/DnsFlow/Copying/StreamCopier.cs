using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Copying;

/// <summary>
/// Copies one claimed stream flow: reads whole buffers, decides about every query in them, writes what could be answered at once in one block, and
/// the forwarded rest as it comes, in any order (RFC 7766 section 6.2.1.1). At a bound it stops reading, so that the client's own window holds it.
/// It has no timer: <see cref="CheckTime"/> is called for all flows by one sweep.
/// </summary>
internal sealed partial class StreamCopier(StreamFlow flow, StreamServices services, Action<IStreamCopier> ended) : IStreamCopier, IForwardReceiver, IThreadPoolWorkItem
{
    /// <summary>How many queries one connection may carry.</summary>
    public const int MaxQueries = 10_000;

    /// <summary>Whole buffers read in a row before others get their turn on this thread, be it the one that serves all sockets.</summary>
    private const int MaxReadsInTurn = 16;

    private readonly StreamInput _input = new(services.Memory);
    private readonly StreamOutput _output = new(services.Memory);
    private StreamTimes _times = new(services.Clock.Now);
    private TaskCompletionSource? _room;
    private int _inFlight;
    private int _queries;
    private bool _isFlushing;
    private bool _isEnded;
    private volatile bool _isStopping;

    /// <summary>The flow.</summary>
    public StreamFlow Flow { get; } = flow;

    /// <summary>When something last went either way, in microseconds.</summary>
    public long LastActive => _times.LastActive;

    /// <inheritdoc/>
    public int InFlight
    {
        get
        {
            lock (_output.Gate)
            {
                return _inFlight;
            }
        }
    }

    /// <inheritdoc/>
    public int Unsent => _output.Unsent;

    /// <inheritdoc/>
    public LastAnswer LastAnswer { get; private set; }

    /// <summary>Whether nothing is in flight, so that ending the flow loses nothing.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_output.Gate)
            {
                return _inFlight == 0 && !_isFlushing;
            }
        }
    }

    /// <summary>
    /// Copies until either side ends or fails; then both directions are closed, and who was told to be is called. Never fails. A flow that waits for its client
    /// is this one state machine and what the transport needs: ten thousand of them wait at a time.
    /// </summary>
    public async Task RunAsync()
    {
        try
        {
            var reads = 0;
            var isOpen = await HandshakeAsync().ConfigureAwait(false) && Flow.TryOpen();
            while (isOpen && _queries < MaxQueries)
            {
                if (reads == 0)
                {
                    await Flow.WaitAsync().ConfigureAwait(false);
                }

                if (!Flow.TryRead(out var data))
                {
                    reads = 0;
                    continue;
                }

                if (data.IsEmpty)
                {
                    break;
                }

                await AnswerAsync(data).ConfigureAwait(false);
                reads = data.Length < StreamFlow.ReadLength ? 0 : reads + 1;        // a short read has most likely emptied the socket
                if (reads == MaxReadsInTurn)
                {
                    reads = 0;
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                }
            }

            _input.Clear();
            if (Flow.Error is null)
            {
                _times.HalfClosed(services.Clock.Now);
                await DrainAsync().ConfigureAwait(false);
            }

            End(_isStopping ? FlowCloseReason.ProviderStopped : null);
        }
        catch (Exception exception)
        {
            Log.CopierFault(services.Logger, Flow.Id, exception);
            Flow.Close(FlowCloseReason.Internal, FlowError.Internal);
        }

        ended(this);
    }

    /// <summary>Makes the flow ready to be read, within its time; false when it came to nothing, and then it is closed.</summary>
    private async ValueTask<bool> HandshakeAsync()
    {
        var outcome = await Flow.HandshakeAsync().ConfigureAwait(false);
        switch (outcome)
        {
            case HandshakeOutcome.Crowded:
                services.Counters.Shed(ShedReason.Handshakes);
                Flow.Close(FlowCloseReason.BudgetExceeded, FlowError.Refused);
                return false;
            case HandshakeOutcome.Failed:
                services.Counters.Ignored(IgnoredReason.Handshake);
                Flow.Close(FlowCloseReason.PeerReset, FlowError.PeerReset);
                return false;
            default:
                return true;
        }
    }

    /// <summary>The provider stops: nothing more is read, what was asked is still answered.</summary>
    public void Stop()
    {
        _isStopping = true;
        Flow.CloseRead();
        lock (_output.Gate)
        {
            ReleaseRoom();
        }
    }

    /// <summary>Ends the flow when one of its times is over. Returns whether it did.</summary>
    public bool CheckTime(long now, long idleTime)
    {
        if (_times.IsStalled(now))
        {
            services.Counters.Shed(ShedReason.WriteStall);
            Flow.Close(FlowCloseReason.BudgetExceeded, FlowError.TimedOut);
        }
        else if (_times.IsLate(now))
        {
            Flow.Close(FlowCloseReason.IdleTimeout, FlowError.TimedOut);
        }
        else if (IsIdle && _times.IsOver(now, idleTime))
        {
            Flow.Close(FlowCloseReason.IdleTimeout);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <inheritdoc/>
    void IForwardReceiver.Deliver(ForwardRequest request, in ForwardedResponse response)
    {
        bool flushes;
        lock (_output.Gate)
        {
            Finish(_isEnded ? QueryOutcome.Dropped : response.Outcome, response.Code, request.ReceivedAt);
            if (response.Message.Length > 0 && !_isEnded)
            {
                AddForwarded(request, response.Message);
            }

            _inFlight--;
            flushes = !_isFlushing && !_isEnded;
            _isFlushing |= flushes;
            ReleaseRoom();
        }

        if (flushes)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);      // never write on a shard's thread
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    /// <summary>Decides about everything in a buffer. Done at once unless the client is slow or has reached a bound.</summary>
    private Task AnswerAsync(ReadOnlyMemory<byte> data)
    {
        _times.Read(services.Clock.Now);
        while (!data.IsEmpty)
        {
            data = data[Process(data.Span)..];
            var written = FlushOwnAsync();
            if (!written.IsCompletedSuccessfully || !HasRoom())
            {
                return AnswerRestAsync(data, written);
            }
        }

        return Task.CompletedTask;
    }

    private async Task AnswerRestAsync(ReadOnlyMemory<byte> data, Task written)
    {
        await written.ConfigureAwait(false);
        await WaitForRoomAsync().ConfigureAwait(false);
        while (!data.IsEmpty && !_isStopping)
        {
            data = data[Process(data.Span)..];
            await FlushOwnAsync().ConfigureAwait(false);
            await WaitForRoomAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Decides about the messages in <paramref name="data"/> until it is used up or a bound is reached; returns how much was taken.</summary>
    private int Process(ReadOnlySpan<byte> data)
    {
        var rest = data;
        var now = services.Clock.Now;
        while (!rest.IsEmpty && HasRoom() && _input.TryTake(ref rest, out var message))
        {
            _queries++;
            Decide(message, now);
        }

        if (_input.IsStarved)
        {
            Starve();
            return data.Length;
        }

        _times.Partial(_input.IsPartial, now);
        return data.Length - rest.Length;
    }

    private void Decide(ReadOnlySpan<byte> message, long now)
    {
        if (message.Length < DnsHeader.Size || (message[2] & 0x80) != 0)
        {
            services.Counters.Ignored(message.Length < DnsHeader.Size ? IgnoredReason.TooShort : IgnoredReason.NotAQuery);
            return;
        }

        var plan = services.Plan.Current;
        Span<byte> lowered = stackalloc byte[WireName.MaxLength];
        var response = StreamQuestions.ResponseBuffer;
        var context = new QueryContext(message, in Flow.FactsInPlace, lowered, response, now);
        switch (services.Questions.Decide(plan, ref context))
        {
            case StepResult.Answered:
                Add(response.AsSpan(0, services.Questions.Complete(Flow, message, context.Query, context.EchoedSubnet, response, context.ResponseLength)));
                Finish(context.Outcome, context.ResponseCode, now);
                break;
            case StepResult.Forward:
                Forward(plan, ref context);
                break;
            case StepResult.Detour:
                Detour(plan, context);
                break;
            default:
                Finish(context.Outcome, context.ResponseCode, now);
                break;
        }
    }

    private void Add(ReadOnlySpan<byte> response)
    {
        if (!_output.TryAdd(response))
        {
            Starve();
        }
    }

    /// <summary>The memory of all streams is used up: this client goes, and what it holds is free for others.</summary>
    private void Starve()
    {
        services.Counters.Shed(ShedReason.Memory);
        Flow.Close(FlowCloseReason.BudgetExceeded, FlowError.Aborted);
    }

    private void Forward(ForwardingPlan plan, ref QueryContext context)
    {
        if (services.Questions.TryForward(plan, Begin(plan, context), ref context))
        {
            return;
        }

        lock (_output.Gate)
        {
            _inFlight--;
        }

        Add(context.Response[..services.Questions.Complete(Flow, context.Message, context.Query, context.EchoedSubnet, context.Response, context.ResponseLength)]);
        Finish(context.Outcome, context.ResponseCode, context.Now);
    }

    private void Detour(ForwardingPlan plan, in QueryContext context)
        => services.Detours.Start(plan, Begin(plan, context), context.Detour!, context.IsReviewed);

    private ForwardRequest Begin(ForwardingPlan plan, in QueryContext context)
    {
        lock (_output.Gate)
        {
            _inFlight++;
        }

        return StreamQuestions.Request(plan, context, this);
    }

    private void AddForwarded(ForwardRequest request, byte[] response)
    {
        QueryView.TryParse(request.Message, out var view);
        if (view.OptionsLength == 0)
        {
            Add(response);
            return;
        }

        var buffer = StreamQuestions.ResponseBuffer;
        response.CopyTo(buffer, 0);
        Add(buffer.AsSpan(0, services.Questions.Complete(Flow, request.Message, view, request.EchoedSubnet, buffer, response.Length)));
    }

    private void Finish(QueryOutcome outcome, ResponseCode code, long receivedAt) => LastAnswer = services.Questions.Finish(Flow, LastAnswer, outcome, code, receivedAt);

    private bool HasRoom()
    {
        lock (_output.Gate)
        {
            return IsRoomy();
        }
    }

    private bool IsRoomy() => _isEnded || (_inFlight < services.Limits.PerFlow.InFlight && _output.Unsent < services.Limits.PerFlow.QueuedBytes);

    private Task WaitForRoomAsync()
    {
        lock (_output.Gate)
        {
            if (IsRoomy() || _isStopping)
            {
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Waits until every query has its response and every response is written.</summary>
    private async Task DrainAsync()
    {
        while (true)
        {
            Task room;
            lock (_output.Gate)
            {
                if (_isEnded || (_inFlight == 0 && !_isFlushing && _output.Unsent == 0))
                {
                    return;
                }

                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await Task.WhenAny(room, Flow.Closed).ConfigureAwait(false);
            if (Flow.Closed.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Called under the lock: whoever waits looks again.</summary>
    private void ReleaseRoom()
    {
        if (_room is { } room)
        {
            _room = null;
            room.SetResult();
        }
    }

    private Task FlushOwnAsync()
    {
        lock (_output.Gate)
        {
            if (_isFlushing || _output.Unsent == 0)
            {
                return Task.CompletedTask;
            }

            _isFlushing = true;
        }

        return FlushAsync();
    }

    /// <summary>Writes until nothing is left; one at a time, whoever set the flag.</summary>
    private async Task FlushAsync()
    {
        while (true)
        {
            ArraySegment<byte> block;
            lock (_output.Gate)
            {
                block = _isEnded ? default : _output.Take();
                if (block.Count == 0)
                {
                    _isFlushing = false;
                    ReleaseRoom();
                    return;
                }
            }

            _times.WriteBegins(services.Clock.Now);
            var isWritten = await Flow.WriteAsync(block, CancellationToken.None).ConfigureAwait(false);
            _times.WriteEnds(services.Clock.Now);
            _output.Written(block);
            if (!isWritten)
            {
                End(null);
            }
        }
    }

    /// <summary>The one way out: both directions are closed, for success and for failure alike.</summary>
    private void End(FlowCloseReason? reason)
    {
        lock (_output.Gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            _output.Clear();
            ReleaseRoom();
        }

        if (reason is { } own)
        {
            Flow.Close(own, Flow.Error);
        }

        Flow.CloseRead(Flow.Error);
        Flow.CloseWrite(Flow.Error);
    }

    private static partial class Log
    {
        [LoggerMessage(522, LogLevel.Error, "The copier of stream flow {Flow} failed.")]
        public static partial void CopierFault(ILogger logger, long flow, Exception exception);
    }
}
