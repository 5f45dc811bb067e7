namespace DnsFlow.Flows;

/// <summary>
/// One conversation of one client socket. Thread safe. It is handed to a provider while <see cref="FlowState.Closed"/>; a provider that claims it
/// must open it when its remote side is ready and must close both directions, whatever happens.
/// </summary>
public abstract class ProxyFlow
{
    private readonly Lock _gate = new();
    private readonly FlowFacts _facts;
    private TaskCompletionSource<FlowCloseReason>? _closed;
    private TaskCompletionSource? _decided;
    private FlowVerdict? _verdict;
    private FlowCloseReason? _reason;
    private FlowError? _error;
    private FlowDirections _directions;
    private volatile FlowState _state;
    private bool _opened;
    private bool _openCalled;
    private volatile bool _writeClosedByOwner;

    private protected ProxyFlow(in FlowFacts facts)
    {
        Id = FlowTable.NextId();
        _facts = facts;
    }

    /// <summary>The flow's number; no other flow of this process has or had it.</summary>
    public long Id { get; }

    /// <summary>Where the flow is in its life.</summary>
    public FlowState State => _state;

    /// <summary>The verdict; null before there is one.</summary>
    internal FlowVerdict? Verdict
    {
        get
        {
            lock (_gate)
            {
                return _verdict;
            }
        }
    }

    /// <summary>What makes it this flow.</summary>
    public FlowKey Key => _facts.Key;

    /// <summary>What its queries are decided on.</summary>
    public FlowFacts Facts => _facts;

    /// <summary>The same, not copied.</summary>
    internal ref readonly FlowFacts FactsInPlace => ref _facts;

    /// <summary>The client's address and port.</summary>
    public FlowEndpoint LocalEndpoint => _facts.Key.Local;

    /// <summary>The address and port the client addressed.</summary>
    public FlowEndpoint RemoteEndpoint => _facts.Key.Remote;

    /// <summary>The index of the interface the flow arrived on, for link-local addresses; else 0.</summary>
    public uint InterfaceIndex => _facts.Key.Local.Scope;

    /// <summary>Who asks, as far as it is known.</summary>
    public FlowMetadata Metadata { get; internal init; } = FlowMetadata.Unknown;

    /// <summary>The name the flow's first query asks for, in presentation format; null when no query was seen (always before a stream flow is open).</summary>
    public string? RemoteHostname { get; internal set; }

    /// <summary>The first error of the flow; null when there was none. Tells an empty read that means FIN from one that means a reset.</summary>
    public FlowError? Error
    {
        get
        {
            lock (_gate)
            {
                return _error;
            }
        }
    }

    /// <summary>Completes once, when the flow has ended and everything it held was given back.</summary>
    public Task<FlowCloseReason> Closed
    {
        get
        {
            lock (_gate)
            {
                if (_closed is null)
                {
                    _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    if (_state == FlowState.Ended)
                    {
                        _closed.SetResult(_reason!.Value);
                    }
                }

                return _closed.Task;
            }
        }
    }

    /// <summary>Called once, with the reason, when the flow has ended; for the table that counts it. Must not throw.</summary>
    internal Action<ProxyFlow, FlowCloseReason>? Ended { get; set; }

    /// <summary>
    /// Opens the flow for copying. Called once, after the remote side is ready: from then on the client counts on answers. Completes when the
    /// verdict was given too, so a handler must not wait for it before it returns its verdict.
    /// </summary>
    /// <returns>False when the flow ended meanwhile (the client is gone, the verdict was another); close both directions all the same.</returns>
    /// <exception cref="FlowException"><see cref="FlowError.InvalidArgument"/>: it was called before.</exception>
    public async ValueTask<bool> OpenAsync(CancellationToken cancellationToken = default)
    {
        Task? decided = null;
        lock (_gate)
        {
            if (_openCalled)
            {
                throw new FlowException(FlowError.InvalidArgument, "The flow was opened before.");
            }

            _openCalled = true;
            _state = _state == FlowState.Closed ? FlowState.Opening : _state;
            if (_verdict is null && _state == FlowState.Opening)
            {
                decided = (_decided ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        if (decided is not null)
        {
            await decided.WaitAsync(cancellationToken);
        }

        if (_verdict == FlowVerdict.Claim && !await PrepareAsync())
        {
            Close(FlowCloseReason.PeerReset, FlowError.PeerReset);
        }

        lock (_gate)
        {
            return _verdict == FlowVerdict.Claim && FinishOpen();
        }
    }

    /// <summary>
    /// No more is wanted from the client: a pending read ends. Any thread, any number of times, before or after <see cref="CloseWrite"/>.
    /// The first error of the two calls is the flow's, and with an error the client of a stream flow sees a reset.
    /// </summary>
    public void CloseRead(FlowError? error = null)
    {
        lock (_gate)
        {
            _directions.CloseRead();
            MarkClosing(error, null);
        }

        Advance();
    }

    /// <summary>
    /// No more comes for the client. A write that is pending ends first, unless there is an error. Any thread, any number of times, before or
    /// after <see cref="CloseRead"/>.
    /// </summary>
    public void CloseWrite(FlowError? error = null)
    {
        lock (_gate)
        {
            _writeClosedByOwner = true;
            _directions.CloseWrite();
            MarkClosing(error, null);
        }

        Advance();
    }

    /// <summary>The verdict was given. A discarded flow ends here: silence on UDP, a reset on TCP.</summary>
    internal void Decide(FlowVerdict verdict)
    {
        lock (_gate)
        {
            if (_verdict is not null)
            {
                return;
            }

            _verdict = verdict;
            _decided?.TrySetResult();
        }

        if (verdict == FlowVerdict.Discard)
        {
            Close(FlowCloseReason.Discarded, FlowError.Refused);
        }
    }

    /// <summary>Makes what carries the flow ready, before the first read; false when it came to nothing.</summary>
    private protected virtual ValueTask<bool> PrepareAsync() => new(true);

    /// <summary>Opens a claimed or passed flow for the proxy's own copier; false when it ended meanwhile.</summary>
    internal bool TryOpen()
    {
        lock (_gate)
        {
            _openCalled = true;
            _state = _state == FlowState.Closed ? FlowState.Opening : _state;
            return _verdict is FlowVerdict.Claim or FlowVerdict.Pass && FinishOpen();
        }
    }

    /// <summary>
    /// Ends the flow in both directions for a reason of the proxy's own (idle, evicted, stopping). With an error it is cut off, without one what is
    /// being written still leaves. The first reason stays.
    /// </summary>
    internal void Close(FlowCloseReason reason, FlowError? error = null)
    {
        lock (_gate)
        {
            _directions.CloseRead();
            _directions.CloseWrite();
            MarkClosing(error, reason);
        }

        Advance();
    }

    /// <summary>Remembers what the client or the network did; the owner, told by its read or write, closes.</summary>
    private protected void Fail(FlowError error)
    {
        lock (_gate)
        {
            MarkClosing(error, null);
        }
    }

    /// <summary>Whether the client has ended its side in good order.</summary>
    private protected virtual bool IsEndedByPeer => false;

    private protected bool IsReadClosed
    {
        get
        {
            lock (_gate)
            {
                return _directions.IsReadClosed;
            }
        }
    }

    /// <summary>Begins a read or write. False when that direction is closed.</summary>
    /// <exception cref="FlowException">The flow was never open.</exception>
    private protected bool Begin(bool write)
    {
        lock (_gate)
        {
            if (!_opened)
            {
                throw new FlowException(FlowError.NotConnected, "The flow is not open: await OpenAsync first.");
            }

            return _directions.TryBegin(write);
        }
    }

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    private protected void Finish(bool write)
    {
        bool closing;
        lock (_gate)
        {
            closing = _directions.Finish(write);
        }

        if (closing)
        {
            Advance();
        }
    }

    private protected void RefuseWriteAfterClose()
    {
        if (_writeClosedByOwner)
        {
            throw new FlowException(FlowError.NotConnected, "The flow was closed for writing.");
        }
    }

    private protected virtual void OnReadClosed()
    {
    }

    private protected virtual void OnWriteClosed()
    {
    }

    /// <summary>Gives back what the flow holds: at once when it is cut off, in good order otherwise.</summary>
    private protected virtual ValueTask ReleaseAsync(bool cutOff) => default;

    private bool FinishOpen()
    {
        if (_state != FlowState.Opening)
        {
            return false;
        }

        _opened = true;
        _state = FlowState.Open;
        return true;
    }

    private void MarkClosing(FlowError? error, FlowCloseReason? reason)
    {
        if (_state == FlowState.Ended || _directions.IsReleasing)
        {
            return;
        }

        _state = FlowState.Closing;
        _reason ??= reason ?? (_error is null && error is not null ? ReasonOf(error) : null);
        _error ??= error;
        _decided?.TrySetResult();
    }

    /// <summary>Takes the steps that the closed directions allow, each once. The steps themselves run outside the lock.</summary>
    private void Advance()
    {
        FlowSteps steps;
        bool cutOff;
        lock (_gate)
        {
            cutOff = _error is not null;
            steps = _directions.TakeDue(cutOff);
        }

        if (steps.HasFlag(FlowSteps.EndReads))
        {
            OnReadClosed();
        }

        if (steps.HasFlag(FlowSteps.EndWrites))
        {
            OnWriteClosed();
        }

        if (steps.HasFlag(FlowSteps.Release))
        {
            _ = AwaitReleaseAsync(ReleaseAsync(cutOff));
        }

        if (steps.HasFlag(FlowSteps.End))
        {
            End();
        }
    }

    /// <summary>Not awaited by whoever closed: <see cref="Closed"/> tells when it is done.</summary>
    private async Task AwaitReleaseAsync(ValueTask released)
    {
        try
        {
            await released;
        }
        finally
        {
            FinishRelease();
        }
    }

    private void FinishRelease()
    {
        lock (_gate)
        {
            _directions.Released();
        }

        Advance();
    }

    private void End()
    {
        FlowCloseReason reason;
        TaskCompletionSource<FlowCloseReason>? closed;
        lock (_gate)
        {
            _reason ??= ReasonOf(_error);
            reason = _reason.Value;
            closed = _closed;
            _state = FlowState.Ended;
        }

        Ended?.Invoke(this, reason);
        closed?.SetResult(reason);
    }

    private FlowCloseReason ReasonOf(FlowError? error) => error switch
    {
        null when _verdict == FlowVerdict.Pass => FlowCloseReason.PassedThrough,
        null => IsEndedByPeer ? FlowCloseReason.PeerClosed : FlowCloseReason.Completed,
        FlowError.PeerReset => FlowCloseReason.PeerReset,
        FlowError.HostUnreachable or FlowError.Refused => FlowCloseReason.UpstreamFailed,
        FlowError.TimedOut => FlowCloseReason.UpstreamTimeout,
        FlowError.Aborted => FlowCloseReason.ProviderStopped,
        _ => FlowCloseReason.Internal,
    };
}
