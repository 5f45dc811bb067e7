using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy.Conditions;

/// <summary>A CNAME record of the answer leads to a name that one of some patterns covers.</summary>
internal sealed class AnswerNameCondition : RuleCondition
{
    private readonly IReadOnlyList<DomainPattern> _patterns;
    private readonly NameRegex[] _regexes;
    private readonly NameIndex _index;

    public AnswerNameCondition(string key, IReadOnlyList<DomainPattern> patterns, bool isNegated)
        : base(key, isNegated)
    {
        _patterns = patterns;
        _regexes = [.. patterns.Select(static pattern => pattern.Regex).OfType<NameRegex>()];
        var names = new NameIndexBuilder();
        foreach (var name in patterns.Select(static pattern => pattern.Name))
        {
            if (name is not null)
            {
                names.TryAdd(name, 0);
            }
        }

        _index = names.Build();
    }

    protected override bool Contains(in QueryFacts facts, in RuleState state)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        for (var records = new AnswerSection(facts.Response); records.MoveNext();)
        {
            if (records.Current.Type == RecordType.CNAME && WireName.Expand(facts.Response, records.Current.Data, name, out _) is > 0 and var length)
            {
                WireName.ToLower(name[..length], name);
                if (IsCovered(name[..length]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    protected override bool Covers(RuleCondition other) =>
        ((AnswerNameCondition)other)._patterns.All(theirs => _patterns.Any(own => own.ToString() == theirs.ToString()));

    private bool IsCovered(ReadOnlySpan<byte> name)
    {
        if (_index.Find(name, stackalloc int[NameIndex.MaxMatches]) > 0)
        {
            return true;
        }

        foreach (var regex in _regexes)
        {
            if (regex.Matches(name))
            {
                return true;
            }
        }

        return false;
    }
}
