using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Names;

/// <summary>
/// The named lists that rules ask: numbered as in <see cref="Names"/>, looked up all at once. What is in them may be replaced at any time; a query sees
/// one state of all of them. Thread safe; asking allocates nothing.
/// </summary>
public interface INameLists
{
    /// <summary>The lists' names by number. Letter case does not matter.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>
    /// Whether a list matches a query, and by which entry. A pure function of its arguments and of the state that <paramref name="lookup"/> saw first.
    /// </summary>
    /// <param name="list">The list's number.</param>
    /// <param name="name">QNAME in wire form and lower case.</param>
    /// <param name="type">QTYPE.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="lookup">The lookup of this query; the first call fills it, whatever the list.</param>
    /// <param name="match">The entry.</param>
    bool TryMatch(int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ref ListLookup lookup, out ListMatch match);

    /// <summary>
    /// Whether a list matches a query or, unless an entry for its client or its name decides, the response to it: by an address in the answer, or else by the name of a server in
    /// the authority section.
    /// </summary>
    /// <param name="list">The list's number.</param>
    /// <param name="name">QNAME in wire form and lower case.</param>
    /// <param name="type">QTYPE.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="response">The response.</param>
    /// <param name="lookup">The lookup of this query; the first call fills it, whatever the list.</param>
    /// <param name="match">The entry.</param>
    bool TryMatchAnswer(
        int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ReadOnlySpan<byte> response, ref ListLookup lookup, out ListMatch match);

    /// <summary>
    /// Begins the lookup of a name ahead of the first <see cref="TryMatch"/>, and asks the processor to load what comes next: of many names all are begun, then all continued, then each is asked
    /// for. Whoever does not gets the same answers, later.
    /// </summary>
    /// <param name="name">QNAME in wire form and lower case.</param>
    /// <param name="lookup">The lookup; what it was is forgotten.</param>
    void Begin(ReadOnlySpan<byte> name, ref ListLookup lookup);

    /// <summary>Continues a lookup that was begun, once.</summary>
    void Continue(ref ListLookup lookup);
}
