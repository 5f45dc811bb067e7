namespace DnsFlow.Server;

/// <summary>Why a server did not start.</summary>
public enum ServerStartFailure
{
    /// <summary>The configuration, or a file it names, is wrong.</summary>
    Configuration,

    /// <summary>An address is in use or not on this machine.</summary>
    Unavailable,

    /// <summary>The process may not use an address, mostly a port below 1024.</summary>
    NoPermission,
}
