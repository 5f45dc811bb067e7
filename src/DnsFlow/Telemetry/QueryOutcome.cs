namespace DnsFlow.Telemetry;

/// <summary>How a query ended. Every query ends in exactly one of these; their sum plus the queries in flight is the total.</summary>
public enum QueryOutcome
{
    /// <summary>Answered from the response cache.</summary>
    Cached,

    /// <summary>Answered from the cache after its time (RFC 8767).</summary>
    Stale,

    /// <summary>Answered by an upstream.</summary>
    Forwarded,

    /// <summary>Answered here: a zone, a special-use name, or records in a rule.</summary>
    Local,

    /// <summary>Blocked by a rule.</summary>
    Blocked,

    /// <summary>Answered REFUSED, NXDOMAIN, NODATA or TC because a rule said so.</summary>
    Refused,

    /// <summary>No upstream answered in time: SERVFAIL.</summary>
    Failed,

    /// <summary>Turned away because a bound was reached.</summary>
    Shed,

    /// <summary>Not answered because a rule said so, or because its flow ended first.</summary>
    Dropped,

    /// <summary>Malformed or not supported: FORMERR, NOTIMP, BADVERS.</summary>
    Invalid,

    /// <summary>Relayed untouched on a passed flow and answered.</summary>
    Passed,
}
