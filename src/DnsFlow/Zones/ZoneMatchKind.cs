namespace DnsFlow.Zones;

/// <summary>What looking for a name in the zones found.</summary>
internal enum ZoneMatchKind
{
    /// <summary>The name is in no zone.</summary>
    NotOurs,

    /// <summary>The name exists.</summary>
    Node,

    /// <summary>A wildcard stands for the name (RFC 4592).</summary>
    Wildcard,

    /// <summary>The name lies in a part of the zone that is delegated to other servers.</summary>
    Delegated,

    /// <summary>The zone is ours, but its data is not there or has expired.</summary>
    Unavailable,

    /// <summary>A DNAME above the name moves it elsewhere (RFC 6672).</summary>
    Redirected,

    /// <summary>The zone says that the name does not exist.</summary>
    NoName,
}
