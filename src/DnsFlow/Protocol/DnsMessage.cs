namespace DnsFlow.Protocol;

/// <summary>
/// A whole DNS message as objects (RFC 1035 section 4.1), immutable once made. The OPT record is not among the additional records but in
/// <see cref="Edns"/>. Read by <see cref="DnsMessageReader"/>, written by <see cref="DnsMessageWriter"/>.
/// </summary>
public sealed class DnsMessage
{
    private readonly ushort _flags;
    private readonly ResponseCode? _code;

    /// <summary>The message ID.</summary>
    public ushort Id { get; init; }

    /// <summary>The header's 16 bits of flags, OPCODE and lower RCODE, as <see cref="DnsHeader.Flags"/>.</summary>
    public ushort Flags
    {
        get => (ushort)((_flags & ~DnsHeader.ResponseCodeMask) | ((int)ResponseCode & DnsHeader.ResponseCodeMask));
        init => _flags = value;
    }

    /// <summary>The OPCODE.</summary>
    public OpCode OpCode
    {
        get => (OpCode)((_flags & DnsHeader.OpCodeMask) >> 11);
        init => _flags = (ushort)((_flags & ~DnsHeader.OpCodeMask) | (((int)value << 11) & DnsHeader.OpCodeMask));
    }

    /// <summary>The RCODE, EDNS's upper eight bits included; above 15 only together with <see cref="Edns"/>.</summary>
    public ResponseCode ResponseCode
    {
        get => _code ?? (ResponseCode)(_flags & DnsHeader.ResponseCodeMask);
        init => _code = value;
    }

    /// <summary>QR.</summary>
    public bool IsResponse
    {
        get => Has(DnsHeader.ResponseBit);
        init => _flags = With(DnsHeader.ResponseBit, value);
    }

    /// <summary>AA.</summary>
    public bool IsAuthoritative
    {
        get => Has(DnsHeader.AuthoritativeBit);
        init => _flags = With(DnsHeader.AuthoritativeBit, value);
    }

    /// <summary>TC.</summary>
    public bool IsTruncated
    {
        get => Has(DnsHeader.TruncatedBit);
        init => _flags = With(DnsHeader.TruncatedBit, value);
    }

    /// <summary>RD.</summary>
    public bool RecursionDesired
    {
        get => Has(DnsHeader.RecursionDesiredBit);
        init => _flags = With(DnsHeader.RecursionDesiredBit, value);
    }

    /// <summary>RA.</summary>
    public bool RecursionAvailable
    {
        get => Has(DnsHeader.RecursionAvailableBit);
        init => _flags = With(DnsHeader.RecursionAvailableBit, value);
    }

    /// <summary>AD.</summary>
    public bool AuthenticData
    {
        get => Has(DnsHeader.AuthenticDataBit);
        init => _flags = With(DnsHeader.AuthenticDataBit, value);
    }

    /// <summary>CD.</summary>
    public bool CheckingDisabled
    {
        get => Has(DnsHeader.CheckingDisabledBit);
        init => _flags = With(DnsHeader.CheckingDisabledBit, value);
    }

    /// <summary>The question section; one question in practice (RFC 9619).</summary>
    public IReadOnlyList<Question> Questions { get; init; } = [];

    /// <summary>The answer section.</summary>
    public IReadOnlyList<ResourceRecord> Answer { get; init; } = [];

    /// <summary>The authority section.</summary>
    public IReadOnlyList<ResourceRecord> Authority { get; init; } = [];

    /// <summary>The additional section without the OPT record.</summary>
    public IReadOnlyList<ResourceRecord> Additional { get; init; } = [];

    /// <summary>EDNS, or null when the message has no OPT record.</summary>
    public Edns? Edns { get; init; }

    /// <summary>A query of class IN that asks for recursion.</summary>
    /// <param name="name">QNAME.</param>
    /// <param name="type">QTYPE.</param>
    /// <param name="id">The message ID: from a cryptographic source when it goes out over UDP.</param>
    /// <param name="edns">EDNS, or null for none.</param>
    public static DnsMessage Query(DomainName name, RecordType type, ushort id, Edns? edns = null) =>
        new() { Id = id, RecursionDesired = true, Questions = [new Question(name, type)], Edns = edns };

    /// <summary>The text that <c>dnsflow query</c> prints, in the manner of <c>dig</c>.</summary>
    public override string ToString() => DnsMessageText.Print(this);

    private bool Has(ushort bit) => (_flags & bit) != 0;

    private ushort With(ushort bit, bool value) => (ushort)(value ? _flags | bit : _flags & ~bit);
}
