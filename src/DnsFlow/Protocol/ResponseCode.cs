namespace DnsFlow.Protocol;

/// <summary>RCODE values, the extended ones of EDNS included (RFC 6895 section 2.3). Range 0 to 4095.</summary>
public enum ResponseCode : ushort
{
#pragma warning disable CS1591 // The mnemonics are their own documentation (IANA "DNS RCODEs").
    NoError = 0,
    FormErr = 1,
    ServFail = 2,
    NXDomain = 3,
    NotImp = 4,
    Refused = 5,
    YXDomain = 6,
    YXRRSet = 7,
    NXRRSet = 8,
    NotAuth = 9,
    NotZone = 10,
    DsoTypeNI = 11,
    BadVers = 16,
    BadKey = 17,
    BadTime = 18,
    BadMode = 19,
    BadName = 20,
    BadAlg = 21,
    BadTrunc = 22,
    BadCookie = 23,
#pragma warning restore CS1591
}
