using System.Collections.Frozen;
using static DnsFlow.Protocol.Rdata.RdataFields;

namespace DnsFlow.Protocol.Rdata;

/// <summary>What the RDATA of each known type looks like. A type that is not here is opaque (RFC 3597).</summary>
internal static class RdataLayouts
{
    private static readonly RdataLayout s_name = new(CompressibleName);
    private static readonly RdataLayout s_text = new(CharStrings);
    private static readonly RdataLayout s_digest = new(U16, Algorithm, U8, Hex);
    private static readonly RdataLayout s_key = new(U16, U8, Algorithm, OptionalBase64);
    private static readonly RdataLayout s_signature = new(
        CoveredType, Algorithm, U8, U32, Time, Time, U16, FoldedName, Base64);

    private static readonly RdataLayout s_certificate = new(U8, U8, U8, Hex);
    private static readonly RdataLayout s_service = new(U16, Name, SvcParams);
    private static readonly RdataLayout s_preference = new(U16, FoldedName);

    private static readonly FrozenDictionary<RecordType, RdataLayout> s_layouts = new Dictionary<RecordType, RdataLayout>
    {
        // RFC 1035
        [RecordType.A] = new(IPv4),
        [RecordType.NS] = s_name,
        [RecordType.MD] = s_name,
        [RecordType.MF] = s_name,
        [RecordType.CNAME] = s_name,
        [RecordType.SOA] = new(CompressibleName, CompressibleName, U32, Duration, Duration, Duration, Duration),
        [RecordType.MB] = s_name,
        [RecordType.MG] = s_name,
        [RecordType.MR] = s_name,
        [RecordType.WKS] = new(IPv4, Services),
        [RecordType.PTR] = s_name,
        [RecordType.HINFO] = new(CharString, CharString),
        [RecordType.MINFO] = new(CompressibleName, CompressibleName),
        [RecordType.MX] = new(U16, CompressibleName),
        [RecordType.TXT] = s_text,

        // Addresses, hosts and services
        [RecordType.AAAA] = new(IPv6),
        [RecordType.RP] = new(FoldedName, FoldedName),
        [RecordType.AFSDB] = s_preference,
        [RecordType.X25] = new(CharString),
        [RecordType.ISDN] = new(CharString, OptionalCharString),
        [RecordType.RT] = s_preference,
        [RecordType.NSAP] = new(Nsap),
        [RecordType.NSAPPTR] = new(FoldedName),
        [RecordType.PX] = new(U16, FoldedName, FoldedName),
        [RecordType.GPOS] = new(CharString, CharString, CharString),
        [RecordType.LOC] = new(Location),
        [RecordType.EID] = new(Hex),
        [RecordType.NIMLOC] = new(Hex),
        [RecordType.SRV] = new(U16, U16, U16, FoldedName),
        [RecordType.NAPTR] = new(U16, U16, CharString, CharString, CharString, FoldedName),
        [RecordType.KX] = new(U16, Name),
        [RecordType.DNAME] = new(Name),
        [RecordType.APL] = new(AddressPrefixes),
        [RecordType.SPF] = s_text,
        [RecordType.NINFO] = s_text,
        [RecordType.AVC] = s_text,
        [RecordType.RESINFO] = s_text,
        [RecordType.WALLET] = s_text,
        [RecordType.NID] = new(U16, Locator64),
        [RecordType.L32] = new(U16, IPv4),
        [RecordType.L64] = new(U16, Locator64),
        [RecordType.LP] = new(U16, Name),
        [RecordType.EUI48] = new(Eui48),
        [RecordType.EUI64] = new(Eui64),
        [RecordType.URI] = new(U16, U16, LongText),
        [RecordType.SVCB] = s_service,
        [RecordType.HTTPS] = s_service,
        [RecordType.DSYNC] = new(CoveredType, SynchronizationScheme, U16, Name),
        [RecordType.HHIT] = new(Base64),
        [RecordType.BRID] = new(Base64),
        [RecordType.UID] = new(U32),
        [RecordType.GID] = new(U32),

        // Keys, signatures, certificates
        [RecordType.SIG] = s_signature,
        [RecordType.KEY] = s_key,
        [RecordType.NXT] = new(FoldedName, OldTypeBitmap),
        [RecordType.CERT] = new(CertificateType, U16, Algorithm, Base64),
        [RecordType.DS] = s_digest,
        [RecordType.SSHFP] = new(U8, U8, Hex),
        [RecordType.IPSECKEY] = new(U8, IpsecGateway, OptionalBase64),
        [RecordType.RRSIG] = new(CoveredType, Algorithm, U8, U32, Time, Time, U16, Name, Base64),
        [RecordType.NSEC] = new(Name, TypeBitmap),
        [RecordType.DNSKEY] = s_key,
        [RecordType.DHCID] = new(Base64),
        [RecordType.NSEC3] = new(U8, U8, U16, Salt, HashedOwner, TypeBitmap),
        [RecordType.NSEC3PARAM] = new(U8, U8, U16, Salt),
        [RecordType.TLSA] = s_certificate,
        [RecordType.SMIMEA] = s_certificate,
        [RecordType.HIP] = new(HostIdentity, RdataFields.Names),
        [RecordType.RKEY] = s_key,
        [RecordType.TALINK] = new(Name, Name),
        [RecordType.CDS] = s_digest,
        [RecordType.CDNSKEY] = s_key,
        [RecordType.OPENPGPKEY] = new(Base64),
        [RecordType.CSYNC] = new(U32, U16, TypeBitmap),
        [RecordType.ZONEMD] = new(U32, U8, U8, Hex),
        [RecordType.CAA] = new(U8, Tag, LongText),
        [RecordType.DOA] = new(U32, U32, U8, CharString, OptionalBase64),
        [RecordType.AMTRELAY] = new(U8, AmtRelay),
        [RecordType.TA] = s_digest,
        [RecordType.DLV] = s_digest,
    }.ToFrozenDictionary();

    /// <summary>As the other overload, in a message: updates delete with empty RDATA of any type (RFC 2136 section 2.5).</summary>
    public static RdataLayout? Find(RecordType type, RecordClass @class, int length) =>
        length == 0 && @class is (RecordClass.ANY or RecordClass.NONE) ? null : Find(type, @class);

    /// <summary>
    /// The layout of a type in a class, or null when its RDATA is opaque. Addresses mean what they mean in class IN only; NONE and ANY
    /// are the classes of updates to IN data (RFC 2136).
    /// </summary>
    public static RdataLayout? Find(RecordType type, RecordClass @class)
    {
        if (type is RecordType.A or RecordType.AAAA or RecordType.WKS or RecordType.APL
            && @class is not (RecordClass.IN or RecordClass.NONE or RecordClass.ANY))
        {
            return null;
        }

        return s_layouts.GetValueOrDefault(type);
    }
}
