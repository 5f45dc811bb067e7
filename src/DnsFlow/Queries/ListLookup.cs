using System.Runtime.CompilerServices;

namespace DnsFlow.Queries;

/// <summary>
/// One query's lookup in all lists: made once, read for every list that a rule asks for. A plain value; the tables belong to who made it. It may be begun before the query is decided, so that
/// what it needs is loaded meanwhile.
/// </summary>
public struct ListLookup
{
    /// <summary>How many suffixes of a name are remembered; those of a name of which the lists may have more are looked up again.</summary>
    internal const int MaxFound = 12;

    /// <summary>The entry by which a list matched, for the rule that asked last.</summary>
    public ListMatch Match;

    /// <summary>The state of the lists that is asked; null before the lookup.</summary>
    internal object? State;

    /// <summary>Whether of the suffixes those are left that the lists seem to have; before, they are those with as many labels as some entry.</summary>
    internal bool IsNarrowed;

    /// <summary>How many of <see cref="Found"/> there are.</summary>
    internal int Count;

    /// <summary>Where the suffixes begin that were not remembered; 0 = all were.</summary>
    internal int Rest;

    /// <summary>The suffixes: their hashes, the offset in the lowest octet, the longest suffix first.</summary>
    internal Suffixes Found;

    /// <summary>Room for the suffixes.</summary>
    [InlineArray(MaxFound)]
    internal struct Suffixes
    {
        private ulong _first;
    }
}
