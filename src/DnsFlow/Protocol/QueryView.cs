using System.Buffers.Binary;
using DnsFlow.Protocol.Rdata;

namespace DnsFlow.Protocol;

/// <summary>
/// A query parsed once, in place: the header, the one question, and where its OPT record lies. It holds offsets only, so it
/// costs no allocation and stays right as long as the message's bytes do.
/// </summary>
public readonly record struct QueryView
{
    /// <summary>The most resource records a query may carry in all sections.</summary>
    public const int MaxRecords = 128;

    /// <summary>The most EDNS options a query may carry.</summary>
    public const int MaxOptions = 32;

    private QueryView(in DnsHeader header, int nameLength, RecordType type, RecordClass @class)
    {
        Header = header;
        NameLength = nameLength;
        Type = type;
        Class = @class;
    }

    /// <summary>The header.</summary>
    public DnsHeader Header { get; private init; }

    /// <summary>The length of QNAME in octets, root octet included; it begins at offset 12. 0 when there is no readable question.</summary>
    public int NameLength { get; }

    /// <summary>QTYPE.</summary>
    public RecordType Type { get; }

    /// <summary>QCLASS.</summary>
    public RecordClass Class { get; }

    /// <summary>The offset behind the question, or behind the header when there is no readable question.</summary>
    public int QuestionEnd => NameLength == 0 ? DnsHeader.Size : DnsHeader.Size + NameLength + 4;

    /// <summary>Whether the query has an OPT record (EDNS, RFC 6891).</summary>
    public bool HasEdns { get; private init; }

    /// <summary>The requestor's UDP payload size as sent; 512 without EDNS. Values under 512 count as 512 (RFC 6891 section 6.2.3).</summary>
    public ushort UdpPayloadSize { get; private init; }

    /// <summary>DO: the client wants DNSSEC records (RFC 3225).</summary>
    public bool DnssecOk { get; private init; }

    /// <summary>The EDNS version.</summary>
    public byte EdnsVersion { get; private init; }

    /// <summary>Where the OPT record's options begin.</summary>
    public int OptionsOffset { get; private init; }

    /// <summary>How many octets of options there are.</summary>
    public int OptionsLength { get; private init; }

    /// <summary>QNAME in wire form and in the client's letter case.</summary>
    public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> message) => message.Slice(DnsHeader.Size, NameLength);

    /// <summary>QNAME, QTYPE and QCLASS in wire form.</summary>
    public ReadOnlySpan<byte> Question(ReadOnlySpan<byte> message) => message[DnsHeader.Size..QuestionEnd];

    /// <summary>The EDNS options in wire form: code, length, data, repeated.</summary>
    public ReadOnlySpan<byte> Options(ReadOnlySpan<byte> message) => message.Slice(OptionsOffset, OptionsLength);

    /// <summary>
    /// Parses a client's message. Never throws and never reads outside <paramref name="message"/>. The view holds as much as could be read
    /// (the question even when a later part is malformed), so that an error can be answered.
    /// </summary>
    public static QueryStatus TryParse(ReadOnlySpan<byte> message, out QueryView view)
    {
        view = default;
        if (!DnsHeader.TryRead(message, out var header))
        {
            return QueryStatus.TooShort;
        }

        view = new QueryView(header, 0, RecordType.None, 0) { UdpPayloadSize = 512 };
        if (header.IsResponse)
        {
            return QueryStatus.NotAQuery;
        }

        if (header.OpCode != OpCode.Query)
        {
            return QueryStatus.NotImplemented;
        }

        if (header.QuestionCount != 1)
        {
            return QueryStatus.FormatError;
        }

        var nameLength = WireName.Measure(message, DnsHeader.Size);
        if (nameLength < 0 || DnsHeader.Size + nameLength + 4 > message.Length)
        {
            return QueryStatus.FormatError;
        }

        var fixedPart = message[(DnsHeader.Size + nameLength)..];
        view = new QueryView(
            header, nameLength,
            (RecordType)BinaryPrimitives.ReadUInt16BigEndian(fixedPart),
            (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(fixedPart[2..])) { UdpPayloadSize = 512 };
        return ParseRest(message, ref view);
    }

    private static QueryStatus ParseRest(ReadOnlySpan<byte> message, ref QueryView view)
    {
        var header = view.Header;
        var position = view.QuestionEnd;
        var before = header.AnswerCount + header.AuthorityCount;
        var records = before + header.AdditionalCount;
        if (records > MaxRecords)
        {
            return QueryStatus.FormatError;
        }

        for (var i = 0; i < records; i++)
        {
            var owner = position;
            position = SkipOwner(message, position);
            if (position < 0 || position + 10 > message.Length)
            {
                return QueryStatus.FormatError;
            }

            var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 8)..]);
            var data = position + 10;
            if (data + length > message.Length)
            {
                return QueryStatus.FormatError;
            }

            if (type == RecordType.OPT)
            {
                // One OPT, owned by the root, in the additional section (RFC 6891 section 6.1.1).
                if (view.HasEdns || i < before || message[owner] != 0 || !AreOptionsWellFormed(message.Slice(data, length)))
                {
                    return QueryStatus.FormatError;
                }

                view = WithEdns(view, message, position, data, length);
            }
            else if (!IsRdataWellFormed(message, position, type, data, length))
            {
                return QueryStatus.FormatError;
            }

            position = data + length;
        }

        if (position != message.Length)
        {
            return QueryStatus.FormatError;     // trailing octets: nothing may be smuggled behind a query
        }

        return view.EdnsVersion > 0 ? QueryStatus.BadVersion : QueryStatus.Ok;
    }

    /// <summary>Steps over an owner name. Nearly always it is an OPT record's root; any other must be a name, its pointers followed.</summary>
    private static int SkipOwner(ReadOnlySpan<byte> message, int position)
    {
        if (position < message.Length && message[position] == 0)
        {
            return position + 1;
        }

        Span<byte> name = stackalloc byte[WireName.MaxLength];
        return WireName.Expand(message, position, name, out var next) < 0 ? -1 : next;
    }

    private static bool IsRdataWellFormed(ReadOnlySpan<byte> message, int position, RecordType type, int data, int length)
    {
        var @class = (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..]);
        var reader = new RdataReader(message, data, length, default);
        return RdataLayouts.Find(type, @class, length) is not { } layout || layout.TryRead(ref reader);
    }

    private static QueryView WithEdns(in QueryView view, ReadOnlySpan<byte> message, int position, int data, int length) => view with
    {
        HasEdns = true,
        UdpPayloadSize = Math.Max((ushort)512, BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..])),
        EdnsVersion = message[position + 5],
        DnssecOk = (message[position + 6] & 0x80) != 0,
        OptionsOffset = data,
        OptionsLength = length,
    };

    private static bool AreOptionsWellFormed(ReadOnlySpan<byte> options)
    {
        for (var count = 0; options.Length > 0; count++)
        {
            if (options.Length < 4 || count == MaxOptions)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (4 + length > options.Length)
            {
                return false;
            }

            options = options[(4 + length)..];
        }

        return true;
    }
}
