namespace DnsFlow.Flows;

/// <summary>
/// The datagrams between one client socket and the address it asked. The proxy's own copier never makes a queue here: the shard hands it each
/// datagram. Only a provider that copies by itself reads, and from its first read on the flow holds up to <see cref="MaxHeld"/> datagrams.
/// </summary>
public sealed class DatagramFlow : ProxyFlow
{
    /// <summary>The most datagrams that wait before the first read.</summary>
    internal const int MaxWaiting = 4;

    /// <summary>The most datagrams that wait once the flow is being read.</summary>
    internal const int MaxHeld = 32;

    /// <summary>The most octets that wait.</summary>
    internal const int MaxBytes = 8 << 10;

    private static readonly IReadOnlyList<Datagram> s_end = [];

    private readonly Lock _gate = new();
    private readonly IDatagramFlowSink _sink;
    private List<Datagram>? _held;
    private int _heldBytes;
    private TaskCompletionSource? _arrival;
    private int _reading;
    private bool _wasRead;
    private bool _ended;

    internal DatagramFlow(in FlowFacts facts, IDatagramFlowSink sink)
        : base(facts) => _sink = sink;

    /// <summary>
    /// Reads the datagrams that have come; waits for the first. An empty list: no more come (<see cref="ProxyFlow.CloseRead"/> was called or the
    /// proxy ended the flow). Cancelling loses nothing.
    /// </summary>
    /// <exception cref="FlowException">
    /// <see cref="FlowError.NotConnected"/>: the flow was never open. <see cref="FlowError.ReadAlreadyPending"/>: one read at a time.
    /// </exception>
    public ValueTask<IReadOnlyList<Datagram>> ReadAsync(CancellationToken cancellationToken = default) => ReadAsync(int.MaxValue, cancellationToken);

    /// <summary>As <see cref="ReadAsync(CancellationToken)"/>, but at most so many datagrams; the others wait on.</summary>
    internal ValueTask<IReadOnlyList<Datagram>> ReadAsync(int most, CancellationToken cancellationToken)
    {
        if (!Begin(write: false))
        {
            return new ValueTask<IReadOnlyList<Datagram>>(s_end);
        }

        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            Finish(write: false);
            throw new FlowException(FlowError.ReadAlreadyPending, "A read of this flow is pending.");
        }

        return ReadHeldAsync(most, cancellationToken);
    }

    /// <summary>
    /// Writes datagrams to the client; done when they were handed on. False: the proxy ended the flow, or had no room for one of them, which was
    /// dropped and counted like any datagram the network loses.
    /// </summary>
    /// <exception cref="FlowException">
    /// <see cref="FlowError.NotConnected"/>: the flow was never open or <see cref="ProxyFlow.CloseWrite"/> was called.
    /// <see cref="FlowError.DatagramTooLarge"/>: a payload above 65,507 octets; none of the list was sent.
    /// <see cref="FlowError.InvalidArgument"/>: a source that is not the flow's remote endpoint; none of the list was sent.
    /// </exception>
    public ValueTask<bool> WriteAsync(IReadOnlyList<Datagram> datagrams, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        cancellationToken.ThrowIfCancellationRequested();
        RefuseWriteAfterClose();
        return new ValueTask<bool>(TryWrite(datagrams));
    }

    /// <summary>As <see cref="WriteAsync"/>, for copiers whose other half may close meanwhile: false, not an exception, after a close.</summary>
    internal bool TryWrite(IReadOnlyList<Datagram> datagrams)
    {
        if (!Begin(write: true))
        {
            return false;
        }

        try
        {
            RefuseUnsendable(datagrams);
            var sent = true;
            for (var i = 0; i < datagrams.Count; i++)
            {
                sent &= _sink.Send(this, datagrams[i].Payload.Span);
            }

            return sent;
        }
        finally
        {
            Finish(write: true);
        }
    }

    /// <summary>Takes a copy of a datagram from the client, in any state of the flow. The shard's thread; whoever reads goes on elsewhere.</summary>
    internal DatagramDelivery TryDeliver(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return DatagramDelivery.Closed;
            }

            if ((_held?.Count ?? 0) >= (_wasRead ? MaxHeld : MaxWaiting) || _heldBytes + payload.Length > MaxBytes)
            {
                return DatagramDelivery.Full;
            }

            (_held ??= []).Add(new Datagram(payload.ToArray(), RemoteEndpoint));
            _heldBytes += payload.Length;
            _arrival?.TrySetResult();
            return DatagramDelivery.Taken;
        }
    }

    /// <summary>Takes what waits, for the proxy's own copier once the flow is claimed; later datagrams go to the copier itself.</summary>
    internal IReadOnlyList<Datagram> TakeWaiting()
    {
        lock (_gate)
        {
            return TakeHeld(int.MaxValue);
        }
    }

    private protected override void OnReadClosed()
    {
        lock (_gate)
        {
            _ended = true;
            _held = null;
            _heldBytes = 0;
            _arrival?.TrySetResult();
        }
    }

    private async ValueTask<IReadOnlyList<Datagram>> ReadHeldAsync(int most, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Task arrival;
                lock (_gate)
                {
                    _wasRead = true;
                    if (_held is { Count: > 0 } || _ended)
                    {
                        return TakeHeld(most);
                    }

                    _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    arrival = _arrival.Task;
                }

                await arrival.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            lock (_gate)
            {
                _arrival = null;
            }

            Volatile.Write(ref _reading, 0);

            Finish(write: false);
        }
    }

    private IReadOnlyList<Datagram> TakeHeld(int most)
    {
        if (_held is not { } held)
        {
            return s_end;
        }

        if (held.Count <= most)
        {
            _held = null;
            _heldBytes = 0;
            return held;
        }

        var taken = held.GetRange(0, most);
        held.RemoveRange(0, most);
        _heldBytes -= taken.Sum(static datagram => datagram.Payload.Length);
        return taken;
    }

    private void RefuseUnsendable(IReadOnlyList<Datagram> datagrams)
    {
        for (var i = 0; i < datagrams.Count; i++)
        {
            if (datagrams[i].Payload.Length > Datagram.MaxLength)
            {
                throw new FlowException(FlowError.DatagramTooLarge, "A datagram carries at most 65,507 octets.");
            }

            if (datagrams[i].Remote != RemoteEndpoint)
            {
                throw new FlowException(FlowError.InvalidArgument, "A datagram of this flow comes from its remote endpoint.");
            }
        }
    }
}
