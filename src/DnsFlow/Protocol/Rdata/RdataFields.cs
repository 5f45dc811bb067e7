namespace DnsFlow.Protocol.Rdata;

/// <summary>The fields by the names that the table of layouts calls them.</summary>
internal static class RdataFields
{
    public static readonly RdataField U8 = new NumberField(1);
    public static readonly RdataField U16 = new NumberField(2);
    public static readonly RdataField U32 = new NumberField(4);

    /// <summary>Seconds, also written with units (<c>1h30m</c>).</summary>
    public static readonly RdataField Duration = new DurationField();

    /// <summary>A DNSSEC algorithm, also written as its mnemonic.</summary>
    public static readonly RdataField Algorithm = new NumberField(1, NumberMnemonics.Algorithms);
    public static readonly RdataField SynchronizationScheme = new NumberField(1, NumberMnemonics.SynchronizationSchemes);
    public static readonly RdataField CertificateType = new NumberField(2, NumberMnemonics.CertificateTypes);

    /// <summary>A moment of RRSIG: seconds of 32 bits, written as YYYYMMDDHHmmSS.</summary>
    public static readonly RdataField Time = new TimeField();

    /// <summary>A name that is never compressed.</summary>
    public static readonly RdataField Name = new NameField(NameCompression.None);

    /// <summary>A name that may arrive compressed but is not sent so (RFC 3597 section 4).</summary>
    public static readonly RdataField FoldedName = new NameField(NameCompression.ReadOnly);
    public static readonly RdataField CompressibleName = new NameField(NameCompression.ReadAndWrite);
    public static readonly RdataField Names = new NamesField();

    public static readonly RdataField IPv4 = new AddressField(4);
    public static readonly RdataField IPv6 = new AddressField(16);
    public static readonly RdataField Locator64 = new Locator64Field();
    public static readonly RdataField Eui48 = new EuiField(6);
    public static readonly RdataField Eui64 = new EuiField(8);
    public static readonly RdataField Nsap = new NsapField();
    public static readonly RdataField AddressPrefixes = new AddressPrefixesField();
    public static readonly RdataField Services = new ServicesField();
    public static readonly RdataField Location = new LocationField();

    public static readonly RdataField CharString = new StringField(isOptional: false);
    public static readonly RdataField OptionalCharString = new StringField(isOptional: true);
    public static readonly RdataField CharStrings = new StringsField();

    /// <summary>Text up to the end of the RDATA, without a length.</summary>
    public static readonly RdataField LongText = new LongTextField();
    public static readonly RdataField Tag = new TagField();

    /// <summary>Octets up to the end of the RDATA.</summary>
    public static readonly RdataField Hex = new RestField(TextEncoding.Hex, isOptional: false);
    public static readonly RdataField Base64 = new RestField(TextEncoding.Base64, isOptional: false);
    public static readonly RdataField OptionalBase64 = new RestField(TextEncoding.Base64, isOptional: true);

    /// <summary>NSEC3's salt and hashed owner name: octets behind one that counts them.</summary>
    public static readonly RdataField Salt = new CountedField(TextEncoding.Hex);
    public static readonly RdataField HashedOwner = new CountedField(TextEncoding.Base32Hex);

    public static readonly RdataField CoveredType = new TypeField();
    public static readonly RdataField TypeBitmap = new TypeBitmapField();
    public static readonly RdataField OldTypeBitmap = new OldTypeBitmapField();
    public static readonly RdataField SvcParams = new SvcParamsField();
    public static readonly RdataField IpsecGateway = new IpsecGatewayField();
    public static readonly RdataField AmtRelay = new AmtRelayField();
    public static readonly RdataField HostIdentity = new HostIdentityField();
}
