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

    private const long MessageTime = 2 * MonotonicClock.Second;
    private const long WriteTime = 2 * MonotonicClock.Second;
    private const long HalfClosedTime = 5 * MonotonicClock.Second;
    private const long WholeTime = 300 * MonotonicClock.Second;

    [ThreadStatic]
    private static byte[]? t_response;

    private readonly StreamInput _input = new(services.Memory);
    private readonly StreamOutput _output = new(services.Memory);
    private readonly long _openedAt = services.Clock.Now;
    private TaskCompletionSource? _room;
    private int _inFlight;
    private int _queries;
    private bool _isFlushing;
    private bool _isEnded;
    private volatile bool _isStopping;
    private long _lastActive = services.Clock.Now;
    private long _partialSince = long.MaxValue;
    private long _writingSince = long.MaxValue;
    private long _halfClosedSince = long.MaxValue;

    /// <summary>The flow.</summary>
    public StreamFlow Flow { get; } = flow;

    /// <summary>When something last went either way, in microseconds.</summary>
    public long LastActive => Volatile.Read(ref _lastActive);

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
                Volatile.Write(ref _halfClosedSince, services.Clock.Now);
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
        if (now - Volatile.Read(ref _writingSince) > WriteTime)
        {
            services.Counters.Shed(ShedReason.WriteStall);
            Flow.Close(FlowCloseReason.BudgetExceeded, FlowError.TimedOut);
        }
        else if (now - Volatile.Read(ref _partialSince) > MessageTime || now - Volatile.Read(ref _halfClosedSince) > HalfClosedTime)
        {
            Flow.Close(FlowCloseReason.IdleTimeout, FlowError.TimedOut);
        }
        else if (IsIdle && (now - LastActive > idleTime || now - _openedAt > WholeTime))
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
        Volatile.Write(ref _lastActive, services.Clock.Now);
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

        var began = Volatile.Read(ref _partialSince);
        Volatile.Write(ref _partialSince, !_input.IsPartial ? long.MaxValue : began == long.MaxValue ? now : began);
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
        var response = t_response ??= new byte[ushort.MaxValue];
        var context = new QueryContext(message, in Flow.FactsInPlace, lowered, response, now);
        services.Counters.QueryReceived(Flow.FactsInPlace.Listener, (int)Flow.FactsInPlace.Transport, context.Query.Type);
        var result = DecideGuarded(plan, ref context);
        if (context.WantsRefresh)
        {
            services.Refresh(plan, context);
        }

        if (context.Mirror != 0)
        {
            services.Detours.Mirror(plan, context.Mirror - 1, in context);
        }

        switch (result)
        {
            case StepResult.Answered:
                Add(response.AsSpan(0, Complete(message, context.Query, context.EchoedSubnet, response, context.ResponseLength)));
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

    private StepResult DecideGuarded(ForwardingPlan plan, ref QueryContext context)
    {
        try
        {
            return plan.Engine.Decide(ref context);
        }
        catch (Exception exception)
        {
            Log.EngineFault(services.Logger, exception);
            return context.AnswerEmpty(ResponseCode.ServFail, QueryOutcome.Failed, ExtendedErrorCode.Other);
        }
    }

    private void Forward(ForwardingPlan plan, ref QueryContext context)
    {
        var request = Begin(plan, context);
        var shard = (int)(context.Key(services.Seed).Hash % (uint)services.Forwarders.Count);
        if (services.Forwarders[shard].TryForward(request))
        {
            return;
        }

        lock (_output.Gate)
        {
            _inFlight--;
        }

        services.Counters.Shed(ShedReason.QueueFull);
        plan.Engine.Log?.NoteShed(context.Message, context.Flow, context.Now, ShedReason.QueueFull);
        context.AnswerEmpty(ResponseCode.ServFail, QueryOutcome.Shed, ExtendedErrorCode.NetworkError);
        Add(context.Response[..Complete(context.Message, context.Query, context.EchoedSubnet, context.Response, context.ResponseLength)]);
        Finish(QueryOutcome.Shed, ResponseCode.ServFail, context.Now);
    }

    private void Detour(ForwardingPlan plan, in QueryContext context)
        => services.Detours.Start(plan, Begin(plan, context), context.Detour!, context.IsReviewed);

    private ForwardRequest Begin(ForwardingPlan plan, in QueryContext context)
    {
        lock (_output.Gate)
        {
            _inFlight++;
        }

        return new ForwardRequest
        {
            Message = context.Message.ToArray(),
            Flow = Flow.Facts,
            Group = context.Target.Group >= 0 ? plan.Groups[context.Target.Group] : plan.SystemGroup,
            BypassCache = context.BypassCache,
            Partition = context.Target.Partition,
            EchoedSubnet = context.EchoedSubnet,
            WantsReview = true,
            ReceivedAt = context.Now,
            Receiver = this,
        };
    }

    private int Complete(ReadOnlySpan<byte> query, in QueryView view, uint subnet, Span<byte> response, int length)
        => StreamOptions.Append(
            query, view, Flow.FactsInPlace.Transport, services.Limits.TcpIdle, response, services.AddOptions(query, view, Flow.FactsInPlace.Key.Local, subnet, response, length));

    private void AddForwarded(ForwardRequest request, byte[] response)
    {
        QueryView.TryParse(request.Message, out var view);
        if (view.OptionsLength == 0)
        {
            Add(response);
            return;
        }

        var buffer = t_response ??= new byte[ushort.MaxValue];
        response.CopyTo(buffer, 0);
        Add(buffer.AsSpan(0, Complete(request.Message, view, request.EchoedSubnet, buffer, response.Length)));
    }

    private void Finish(QueryOutcome outcome, ResponseCode code, long receivedAt)
    {
        LastAnswer = outcome == QueryOutcome.Dropped ? LastAnswer : new LastAnswer(outcome, code);
        services.Counters.QueryFinished(Flow.FactsInPlace.Listener, outcome, code, services.Clock.Now - receivedAt);
    }

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

            Volatile.Write(ref _writingSince, services.Clock.Now);
            var isWritten = await Flow.WriteAsync(block, CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _writingSince, long.MaxValue);
            Volatile.Write(ref _lastActive, services.Clock.Now);
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
        [LoggerMessage(520, LogLevel.Error, "A step of the query engine threw; the query was answered SERVFAIL.")]
        public static partial void EngineFault(ILogger logger, Exception exception);

        [LoggerMessage(522, LogLevel.Error, "The copier of stream flow {Flow} failed.")]
        public static partial void CopierFault(ILogger logger, long flow, Exception exception);
    }
}
