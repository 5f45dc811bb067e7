namespace DnsFlow.Upstreams;

/// <summary>Whether a server is asked.</summary>
public enum UpstreamState
{
    /// <summary>It is asked.</summary>
    Up,

    /// <summary>It is asked after the others: lately most of its responses were SERVFAIL, REFUSED, FORMERR or NOTIMP.</summary>
    Suspect,

    /// <summary>It is not asked: it did not answer.</summary>
    Down,

    /// <summary>It was down, and one query is under way to see whether it still is.</summary>
    Probing,
}
