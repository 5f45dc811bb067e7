using DnsFlow.Names;

namespace DnsFlow.Policy.Conditions;

/// <summary>Compares patterns for names.</summary>
internal static class NameScopes
{
    /// <summary>Whether every name that <paramref name="inner"/> covers is covered by <paramref name="outer"/>.</summary>
    public static bool Covers(NamePattern outer, NamePattern inner) => (outer.Scope, inner.Scope) switch
    {
        (NameScope.Exact, not NameScope.Exact) => false,
        // What is below a name is below its own name's pattern, although the name itself is not.
        (NameScope.Below, NameScope.Below) => outer.Name.SequenceEqual(inner.Name) || outer.Covers(inner.Name),
        _ => outer.Covers(inner.Name),
    };
}
