namespace DnsFlow.Flows;

/// <summary>How far the asking process is known.</summary>
public enum FlowMetadataStatus
{
    /// <summary>Nobody asked, or the platform cannot tell.</summary>
    Unsupported,

    /// <summary>The fields that are set are right.</summary>
    Exact,

    /// <summary>There is a socket, but no process was found for it.</summary>
    NoProcess,

    /// <summary>The socket was gone when the system was asked.</summary>
    PeerGone,

    /// <summary>The client is on another host or in another network namespace.</summary>
    OtherNamespace,
}
