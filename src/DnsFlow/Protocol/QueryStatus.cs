namespace DnsFlow.Protocol;

/// <summary>What <see cref="QueryView.TryParse"/> made of a message.</summary>
public enum QueryStatus
{
    /// <summary>A query that can be decided.</summary>
    Ok,

    /// <summary>Shorter than a header: not answered.</summary>
    TooShort,

    /// <summary>A response (QR=1): not answered, or two servers could keep each other busy for ever.</summary>
    NotAQuery,

    /// <summary>Malformed, with a readable header: FORMERR.</summary>
    FormatError,

    /// <summary>Another OPCODE than QUERY: NOTIMP.</summary>
    NotImplemented,

    /// <summary>An EDNS version above 0: BADVERS (RFC 6891 section 6.1.3).</summary>
    BadVersion,
}
