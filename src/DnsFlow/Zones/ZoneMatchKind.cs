namespace DnsFlow.Zones;

/// <summary>What looking for a name in the zones found.</summary>
internal enum ZoneMatchKind
{
    /// <summary>The name is in no zone, or in a part of one that is delegated: not ours to answer.</summary>
    NotOurs,

    /// <summary>The name exists, itself or by a wildcard.</summary>
    Node,

    /// <summary>A DNAME above the name moves it elsewhere (RFC 6672).</summary>
    Redirected,

    /// <summary>The zone says that the name does not exist.</summary>
    NoName,
}
