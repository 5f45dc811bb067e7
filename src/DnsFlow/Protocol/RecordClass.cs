namespace DnsFlow.Protocol;

/// <summary>CLASS and QCLASS values (RFC 1035 section 3.2.4, RFC 2136).</summary>
public enum RecordClass : ushort
{
    /// <summary>The Internet.</summary>
    IN = 1,

    /// <summary>Chaosnet; in use for <c>version.bind</c> and the like.</summary>
    CH = 3,

    /// <summary>Hesiod.</summary>
    HS = 4,

    /// <summary>None (RFC 2136).</summary>
    NONE = 254,

    /// <summary>Any class.</summary>
    ANY = 255,
}
