namespace DnsFlow.Flows;

/// <summary>
/// The two directions of a flow: which are closed, what is under way in them, and which steps of the end are due, each once. Guarded by its flow's lock; a part
/// of its flow, so that ten thousand idle flows do not have an object more each.
/// </summary>
internal struct FlowDirections
{
    private int _operations;
    private int _writes;
    private FlowSteps _taken;
    private bool _isReadClosed;
    private bool _isWriteClosed;

    /// <summary>Whether nothing more is wanted from the client.</summary>
    public readonly bool IsReadClosed => _isReadClosed;

    /// <summary>Whether the flow gives back what it holds, or has.</summary>
    public readonly bool IsReleasing => (_taken & FlowSteps.Release) != 0;

    /// <summary>No more is wanted from the client.</summary>
    public void CloseRead() => _isReadClosed = true;

    /// <summary>No more comes for the client.</summary>
    public void CloseWrite() => _isWriteClosed = true;

    /// <summary>A read or write begins; false when that direction is closed.</summary>
    public bool TryBegin(bool write)
    {
        if (write ? _isWriteClosed : _isReadClosed)
        {
            return false;
        }

        _operations++;
        _writes += write ? 1 : 0;
        return true;
    }

    /// <summary>What <see cref="TryBegin"/> began is over. Returns whether steps may be due now.</summary>
    public bool Finish(bool write)
    {
        _operations--;
        _writes -= write ? 1 : 0;
        return _isReadClosed || _isWriteClosed;
    }

    /// <summary>The release is done.</summary>
    public void Released() => _taken |= FlowSteps.Released;

    /// <summary>
    /// The steps that may be taken now and have not been. A pending write leaves before its direction ends and before the release, unless the flow is cut off;
    /// the end waits for every read and write.
    /// </summary>
    public FlowSteps TakeDue(bool isCutOff)
    {
        var due = Due(isCutOff) & ~_taken;
        _taken |= due;
        return due;
    }

    private readonly FlowSteps Due(bool isCutOff)
    {
        var due = _isReadClosed ? FlowSteps.EndReads : FlowSteps.None;
        if (_isWriteClosed && !isCutOff && _writes == 0)
        {
            due |= FlowSteps.EndWrites;
        }

        if (_isReadClosed && _isWriteClosed && (isCutOff || _writes == 0))
        {
            due |= FlowSteps.Release;
        }

        return (_taken & FlowSteps.Released) != 0 && _operations == 0 ? due | FlowSteps.End : due;
    }
}
