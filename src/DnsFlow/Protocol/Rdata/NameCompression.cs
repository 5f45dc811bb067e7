namespace DnsFlow.Protocol.Rdata;

/// <summary>Where compression pointers are legal in a name inside RDATA (RFC 3597 section 4).</summary>
internal enum NameCompression
{
    /// <summary>Nowhere: the type is younger than the rule.</summary>
    None,

    /// <summary>Understood, but not sent: types between RFC 1035 and the rule.</summary>
    ReadOnly,

    /// <summary>Understood and sent: types of RFC 1035.</summary>
    ReadAndWrite,
}
