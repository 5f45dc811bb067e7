namespace DnsFlow.Protocol;

/// <summary>EDNS option codes (IANA "DNS EDNS0 Option Codes"). Any other value is legal on the wire.</summary>
public enum EdnsOptionCode : ushort
{
#pragma warning disable CS1591 // Named as in the registry.
    LLQ = 1,
    UpdateLease = 2,
    NameServerIdentifier = 3,
    Dau = 5,
    Dhu = 6,
    N3u = 7,
    ClientSubnet = 8,
    Expire = 9,
    Cookie = 10,
    TcpKeepalive = 11,
    Padding = 12,
    Chain = 13,
    KeyTag = 14,
    ExtendedError = 15,
    ReportChannel = 18,
    ZoneVersion = 19,
#pragma warning restore CS1591
}
