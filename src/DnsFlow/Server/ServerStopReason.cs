namespace DnsFlow.Server;

/// <summary>Why a server is stopped.</summary>
public enum ServerStopReason
{
    /// <summary>The host asked for it.</summary>
    Requested,

    /// <summary>The start did not come to its end.</summary>
    StartFailed,

    /// <summary>A part that the server cannot do without has failed.</summary>
    Fault,
}
