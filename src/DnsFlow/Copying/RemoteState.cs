namespace DnsFlow.Copying;

/// <summary>The life of a remote side.</summary>
public enum RemoteState
{
    /// <summary>Made, not begun.</summary>
    Setup,

    /// <summary>Connecting, or shaking hands.</summary>
    Preparing,

    /// <summary>Waiting for the network to come back.</summary>
    Waiting,

    /// <summary>Messages can be sent and received.</summary>
    Ready,

    /// <summary>Broken for good.</summary>
    Failed,

    /// <summary>Cancelled by its owner.</summary>
    Cancelled,
}
