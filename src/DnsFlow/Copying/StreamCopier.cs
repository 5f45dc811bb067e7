using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Copying;

/// <summary>
/// Copies one claimed stream flow: reads whole buffers and decides about every query in them, until the client ends or one of the flow's times is over. The way
/// back is <see cref="StreamOutput"/>'s: at its bounds nothing more is read, so that the client's own window holds it.
/// It has no timer: <see cref="CheckTime"/> is called for all flows by one sweep.
/// </summary>
internal sealed partial class StreamCopier(StreamFlow flow, StreamServices services, Action<IStreamCopier> ended) : IStreamCopier
{
    /// <summary>How many queries one connection may carry.</summary>
    public const int MaxQueries = 10_000;

    /// <summary>Whole buffers read in a row before others get their turn on this thread, be it the one that serves all sockets.</summary>
    private const int MaxReadsInTurn = 16;

    private StreamInput _input = new(services.Memory);
    private readonly StreamOutput _output = new(flow, services);
    private StreamTimes _times = new(services.Clock.Now);
    private int _queries;

    /// <inheritdoc/>
    public StreamFlow Flow => _output.Flow;

    /// <inheritdoc/>
    public long LastActive => Math.Max(_times.LastRead, _output.LastWritten);

    /// <inheritdoc/>
    public int InFlight => _output.InFlight;

    /// <inheritdoc/>
    public int Unsent => _output.Unsent;

    /// <inheritdoc/>
    public LastAnswer LastAnswer => _output.LastAnswer;

    /// <inheritdoc/>
    public bool IsIdle => _output.IsIdle;

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
                await _output.DrainAsync().ConfigureAwait(false);
            }

            _output.End(_output.IsStopping ? FlowCloseReason.ProviderStopped : null);
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

    /// <inheritdoc/>
    public void Stop()
    {
        _output.Stop();
        Flow.CloseRead();
    }

    /// <inheritdoc/>
    public bool CheckTime(long now, long idleTime)
    {
        if (_output.IsStalled(now))
        {
            services.Counters.Shed(ShedReason.WriteStall);
            Flow.Close(FlowCloseReason.BudgetExceeded, FlowError.TimedOut);
        }
        else if (_times.IsLate(now))
        {
            _times.Partial(isPartial: false, now);      // counted once: the flow may not be gone when it is looked at next
            services.Counters.Ignored(IgnoredReason.IncompleteMessage);
            if (services.LateMessages.TryTake())
            {
                Log.LateMessage(services.Logger);
            }

            Flow.Close(FlowCloseReason.IdleTimeout, FlowError.TimedOut);
        }
        else if (_times.IsEndLate(now))
        {
            Flow.Close(FlowCloseReason.IdleTimeout, FlowError.TimedOut);
        }
        else if (IsIdle && (now - LastActive > idleTime || _times.IsOver(now)))
        {
            Flow.Close(FlowCloseReason.IdleTimeout);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>Decides about everything in a buffer. Done at once unless the client is slow or has reached a bound.</summary>
    private Task AnswerAsync(ReadOnlyMemory<byte> data)
    {
        _times.Read(services.Clock.Now);
        while (!data.IsEmpty)
        {
            data = data[Process(data.Span)..];
            var written = _output.FlushAsync();
            if (!written.IsCompletedSuccessfully || !_output.HasRoom)
            {
                return AnswerRestAsync(data, written);
            }
        }

        return Task.CompletedTask;
    }

    private async Task AnswerRestAsync(ReadOnlyMemory<byte> data, Task written)
    {
        await written.ConfigureAwait(false);
        await _output.WaitForRoomAsync().ConfigureAwait(false);
        while (!data.IsEmpty && !_output.IsStopping)
        {
            data = data[Process(data.Span)..];
            await _output.FlushAsync().ConfigureAwait(false);
            await _output.WaitForRoomAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Decides about the messages in <paramref name="data"/> until it is used up or a bound is reached; returns how much was taken.</summary>
    private int Process(ReadOnlySpan<byte> data)
    {
        var rest = data;
        var now = services.Clock.Now;
        while (!rest.IsEmpty && _output.HasRoom && _input.TryTake(ref rest, out var message))
        {
            _queries++;
            Decide(message, now);
        }

        if (_input.IsStarved)
        {
            _output.Starve();
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
                _output.Answer(context);
                break;
            case StepResult.Forward:
                if (!services.Questions.TryForward(plan, _output.Begin(plan, context), ref context))
                {
                    _output.Refuse(context);
                }

                break;
            case StepResult.Detour:
                services.Detours.Start(plan, _output.Begin(plan, context), context.Detour!, context.IsReviewed);
                break;
            default:
                _output.Finish(context.Outcome, context.ResponseCode, now);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(522, LogLevel.Error, "The copier of stream flow {Flow} failed.")]
        public static partial void CopierFault(ILogger logger, long flow, Exception exception);

        [LoggerMessage(523, LogLevel.Information, "A stream flow was closed because a message was not complete within 2 s (said at most every ten seconds).")]
        public static partial void LateMessage(ILogger logger);
    }
}
