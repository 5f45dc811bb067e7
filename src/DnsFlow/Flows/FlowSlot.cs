namespace DnsFlow.Flows;

/// <summary>One datagram flow in the <see cref="FlowTable"/>: a plain value of two or three cache lines, no object.</summary>
internal struct FlowSlot
{
    /// <summary>The key and the listener.</summary>
    public FlowFacts Facts;

    /// <summary>The key's hash.</summary>
    public ulong Hash;

    /// <summary>Never used again in this process; a late response finds out by it that its flow is gone.</summary>
    public long Id;

    /// <summary>When a datagram last went either way, in microseconds.</summary>
    public long LastActive;

    /// <summary>When it last took its place in the order of last activity, in microseconds.</summary>
    public long OrderedAt;

    /// <summary>The neighbours in the order of last activity.</summary>
    public int Older;

    /// <summary>See <see cref="Older"/>.</summary>
    public int Newer;

    /// <summary>The listener socket its datagrams come by.</summary>
    public int Socket;

    /// <summary>The client in the <see cref="ClientTable"/>.</summary>
    public int Client;

    /// <summary>Queries whose response is still to come.</summary>
    public int InFlight;

    /// <summary>When its first datagram came, in seconds of the same clock.</summary>
    public uint OpenedAt;

    /// <summary>The last response.</summary>
    public LastAnswer LastAnswer;

    /// <summary>The provider's verdict; meaningful once the state is past <see cref="FlowState.Closed"/>.</summary>
    public FlowVerdict Verdict;

    /// <summary>The state.</summary>
    public FlowState State;

    /// <summary>Whether there is a flow object beside the slot, because a provider asked for one.</summary>
    public bool HasObject;
}
