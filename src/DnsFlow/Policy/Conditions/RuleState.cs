using System.Runtime.CompilerServices;
using DnsFlow.Queries;

namespace DnsFlow.Policy.Conditions;

/// <summary>What is known of a query beside its facts while a rule is tried. Rules on flows have nothing of it.</summary>
internal readonly ref struct RuleState
{
    /// <summary>Takes what is known.</summary>
    public RuleState(ulong hits, ulong tags, ref ListLookup lists)
    {
        Hits = hits;
        Tags = tags;
        Lists = ref lists;
    }

    /// <summary>The pattern lists of the rule that cover the name, one bit each.</summary>
    public readonly ulong Hits;

    /// <summary>The tags that earlier rules gave, one bit each.</summary>
    public readonly ulong Tags;

    /// <summary>The lookup in the lists, made when the first condition on lists is asked.</summary>
    public readonly ref ListLookup Lists;

    /// <summary>The entry by which a list has matched so far.</summary>
    public ListMatch Match
    {
        get => Unsafe.IsNullRef(ref Lists) ? default : Lists.Match;
        set
        {
            if (!Unsafe.IsNullRef(ref Lists))
            {
                Lists.Match = value;
            }
        }
    }
}
