namespace DnsFlow.Protocol;

/// <summary>Why <see cref="DnsMessageReader"/> refused a message.</summary>
public enum MessageError
{
    /// <summary>It was read.</summary>
    None,

    /// <summary>Shorter than a header.</summary>
    TooShort,

    /// <summary>Longer than 65535 octets.</summary>
    TooLong,

    /// <summary>More records than the limits allow, or than the message has room for.</summary>
    TooManyRecords,

    /// <summary>A name is malformed: cut, too long, a label of another kind than RFC 1035's, a pointer that leads forwards or too often.</summary>
    BadName,

    /// <summary>A question or record is cut.</summary>
    Cut,

    /// <summary>RDATA is not what its type asks for.</summary>
    BadRdata,

    /// <summary>A second OPT record, one outside the additional section or not at the root, or its options are malformed or too many.</summary>
    BadOpt,

    /// <summary>Names whose labels and pointers are more than <see cref="DnsMessageReader.MaxNameSteps"/>.</summary>
    TooManyNameSteps,

    /// <summary>Octets are left behind the last record.</summary>
    TrailingOctets,
}
