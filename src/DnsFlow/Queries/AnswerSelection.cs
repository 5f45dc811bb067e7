using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// Which records of a response answer the question: the alias chain from the asked name and the asked type at its end, the SOA and NS records above these
/// names, the records that prove a denial. Reused, never allocates.
/// </summary>
internal sealed class AnswerSelection
{
    // Above this many answers the aliases must stand in order: a second look at each record for each link would be an attacker's to ask for.
    private const int MaxUnorderedAnswers = 64;

    private const ushort QuestionPointer = 0xC000 | DnsHeader.Size;

    private readonly AliasChain _chain = new();
    private readonly byte[] _owner = new byte[WireName.MaxLength];
    private readonly byte[] _target = new byte[WireName.MaxLength];
    private RecordType _askedType;
    private RecordClass _askedClass;
    private bool _dnssecOk;

    /// <summary>The asked name.</summary>
    public ReadOnlySpan<byte> AskedName => _chain[0];

    /// <summary>Whether a record that was kept has what was asked for.</summary>
    public bool IsPositive { get; private set; }

    /// <summary>
    /// Begins a response to <paramref name="question"/>, which is QNAME, QTYPE and QCLASS. Without <paramref name="dnssecOk"/> the records of DNSSEC that were not
    /// asked for are not kept (RFC 4035 section 3.2.1).
    /// </summary>
    public void Begin(ReadOnlySpan<byte> question, bool dnssecOk)
    {
        _askedType = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(question[^4..]);
        _askedClass = (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(question[^2..]);
        _dnssecOk = dnssecOk;
        _chain.Begin(question[..^4]);
        IsPositive = false;
    }

    /// <summary>Whether a record's owner is a name. What follows believes that.</summary>
    public bool HasOwner(ReadOnlySpan<byte> message, in RecordPlace record) => !Owner(message, record).IsEmpty;

    /// <summary>Finds the names the asked one is an alias of. Usually the records stand in order and one pass is enough.</summary>
    public void FollowAliases(ReadOnlySpan<byte> message, ReadOnlySpan<RecordPlace> answers)
    {
        if (_askedType is RecordType.CNAME or RecordType.ANY)
        {
            return;
        }

        bool again;
        do
        {
            again = false;
            var before = _chain.Last;
            foreach (ref readonly var record in answers)
            {
                if (record.Type != RecordType.CNAME || !IsAskedClass(record))
                {
                    continue;
                }

                var index = _chain.IndexOf(Owner(message, record));
                if (index == _chain.Last)
                {
                    _chain.Follow(Target(message, record));
                }

                again |= index < 0;
            }

            again &= _chain.Last > before && answers.Length <= MaxUnorderedAnswers;
        }
        while (again);
    }

    /// <summary>Whether a record of the answer section stays.</summary>
    public bool KeepsAnswer(ReadOnlySpan<byte> message, in RecordPlace record)
    {
        if (!IsAskedClass(record))
        {
            return false;
        }

        var covered = record.Type == RecordType.RRSIG ? Covered(message, record) : record.Type;
        if (!_dnssecOk && IsOfDnssec(record.Type) && _askedType != RecordType.ANY && record.Type != _askedType)
        {
            return false;
        }

        var owner = Owner(message, record);
        var index = _chain.IndexOf(owner);
        if (index == _chain.Last && (_askedType == RecordType.ANY || record.Type == _askedType || covered == _askedType))
        {
            IsPositive |= record.Type == _askedType || _askedType == RecordType.ANY;
            return true;
        }

        return covered switch
        {
            RecordType.CNAME when index >= 0 && index < _chain.Last
                => record.Type == RecordType.RRSIG || WireName.EqualsIgnoreCase(Target(message, record), _chain[index + 1]),
            RecordType.DNAME => _chain.IsUnder(owner, strictly: true),
            _ => false,
        };
    }

    /// <summary>Whether a record of the authority section stays.</summary>
    public bool KeepsAuthority(ReadOnlySpan<byte> message, in RecordPlace record) => IsAskedClass(record) && record.Type switch
    {
        RecordType.SOA or RecordType.NS => _chain.IsUnder(Owner(message, record), strictly: false),
        RecordType.NSEC or RecordType.NSEC3 or RecordType.RRSIG or RecordType.DS => _dnssecOk,
        _ => false,
    };

    private static bool IsOfDnssec(RecordType type) => type is RecordType.RRSIG or RecordType.NSEC or RecordType.NSEC3;

    /// <summary>The owner's name, expanded; empty when it is malformed. Most owners are a pointer to the question.</summary>
    private ReadOnlySpan<byte> Owner(ReadOnlySpan<byte> message, in RecordPlace record)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(message[record.Owner..]) == QuestionPointer)
        {
            return _chain[0];
        }

        var length = WireName.Expand(message, record.Owner, _owner, out _);
        return _owner.AsSpan(0, Math.Max(0, length));
    }

    private ReadOnlySpan<byte> Target(ReadOnlySpan<byte> message, in RecordPlace record)
        => _target.AsSpan(0, WireName.Expand(message, record.Data, _target, out _));

    private static RecordType Covered(ReadOnlySpan<byte> message, in RecordPlace record)
        => (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[record.Data..]);

    private bool IsAskedClass(in RecordPlace record) => record.Class == _askedClass || _askedClass == RecordClass.ANY;
}
