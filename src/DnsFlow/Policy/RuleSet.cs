using System.Collections.Immutable;
using DnsFlow.Clients;
using DnsFlow.Names;
using DnsFlow.Policy.Conditions;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>
/// The query rules of one plan. They are tried in order: one that matches and is final decides, others add something and let later rules go on; the last
/// matches everything. Rules that wait for a name come out of one lookup in the name index, those that wait for a client out of one binary search, and
/// of the others those for another listener, transport or type are stepped over sixty-four at a time: a thousand rules cost little more than one.
/// Immutable, thread safe, allocates nothing.
/// </summary>
public sealed class RuleSet
{
    /// <summary>How many integers <see cref="Begin"/> needs.</summary>
    internal const int RoomSize = 2 * NameIndex.MaxMatches;

    private readonly PatternTerms _terms;
    private readonly ClientRules? _clients;
    private readonly OpenRules _open;
    private volatile PausedSet? _paused;

    internal RuleSet(ImmutableArray<QueryRule> rules, PatternTerms terms, ScheduleClock schedules, IReadOnlyList<string> tags, int listeners)
    {
        Rules = rules;
        Schedules = schedules;
        Tags = tags;
        _terms = terms;
        var nameless = rules.Where(static rule => !Array.Exists(rule.Conditions, static one => one.NeedsName)).ToList();
        var byClient = nameless.Where(static rule => ClientRules.KeyOf(rule) is not null).ToList();
        _clients = byClient.Count > 0 ? ClientRules.TryBuild(byClient) : null;
        _open = new OpenRules(_clients is null ? nameless : [.. nameless.Except(byClient)], listeners);
    }

    /// <summary>The rules in order.</summary>
    public ImmutableArray<QueryRule> Rules { get; }

    /// <summary>The schedules the rules know.</summary>
    public ScheduleClock Schedules { get; }

    /// <summary>What does not match for a while; null = nothing. It is exchanged while the rules are asked.</summary>
    internal PausedSet? Paused
    {
        get => _paused;
        set => _paused = value;
    }

    /// <summary>The names of the tags that rules give, in the order of their bits.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>
    /// The rule that decides about a query. A pure function of the facts: the live path, <c>explain</c> and <c>replay</c> share it. With a
    /// <paramref name="trace"/> every rule is tried one by one and what became of it is collected.
    /// </summary>
    public QueryRule Decide(in QueryFacts facts, RuleTrace? trace = null) => Decide(facts, out _, trace);

    /// <summary>As the other overload; <paramref name="match"/> is the entry of a list by which the rule matched.</summary>
    public QueryRule Decide(in QueryFacts facts, out ListMatch match, RuleTrace? trace = null)
    {
        var lists = default(ListLookup);
        var cursor = Begin(facts, stackalloc int[RoomSize], ref lists);
        while (Next(facts, ref cursor, trace) is { } rule)
        {
            if (rule.Action.IsFinal)
            {
                match = lists.Match;
                return rule;
            }

            trace?.Pass(rule.Index);
        }

        match = default;
        return Rules[^1];
    }

    /// <summary>Begins a walk over the rules that match; <paramref name="room"/> has <see cref="RoomSize"/> integers.</summary>
    internal RuleCursor Begin(in QueryFacts facts, Span<int> room, ref ListLookup lists)
    {
        var found = _terms.Index.Find(facts.Name, room[..NameIndex.MaxMatches]);
        var cursor = new RuleCursor(ref lists)
        {
            Sets = room[..found],
            Heads = room.Slice(NameIndex.MaxMatches, found),
            ClientRules = _clients is null ? default : _clients.Find(facts.Flow.Client),
            Open = _open.Begin(facts.Flow, facts.Type),
        };
        cursor.Heads.Clear();
        return cursor;
    }

    /// <summary>The next rule that matches; null when there is none.</summary>
    internal QueryRule? Next(in QueryFacts facts, scoped ref RuleCursor cursor, RuleTrace? trace)
    {
        while (true)
        {
            var next = trace is null ? NextCandidate(ref cursor) : cursor.Rule;
            if (next >= Rules.Length)
            {
                return null;
            }

            cursor.Rule = next + 1;
            var rule = Rules[next];
            var hits = TakeHits(ref cursor, next);
            if (facts.Pauses.FindRule(next, facts.Flow.Client) is { } pause)
            {
                trace?.Miss(next, "paused", pause.Until);
                continue;
            }

            cursor.Lists.Match = default;
            if (rule.FindMiss(facts, new RuleState(hits, cursor.Tags, ref cursor.Lists)) is not { } miss)
            {
                cursor.Tags |= rule.Tags;
                return rule;
            }

            trace?.Miss(next, miss);
        }
    }

    private int NextCandidate(scoped ref RuleCursor cursor)
    {
        var next = cursor.Open.From(cursor.Rule);
        while (cursor.ClientRules.Length > 0 && cursor.ClientRules[0] < cursor.Rule)
        {
            cursor.ClientRules = cursor.ClientRules[1..];
        }

        if (cursor.ClientRules.Length > 0)
        {
            next = Math.Min(next, cursor.ClientRules[0]);
        }

        for (var i = 0; i < cursor.Sets.Length; i++)
        {
            var terms = _terms.Index.Ordinals(cursor.Sets[i]);
            if (cursor.Heads[i] < terms.Length)
            {
                next = Math.Min(next, _terms.RuleOf(terms[cursor.Heads[i]]));
            }
        }

        return next;
    }

    /// <summary>Steps over everything the sets say about rules up to <paramref name="rule"/>, and returns what they say about it.</summary>
    private ulong TakeHits(scoped ref RuleCursor cursor, int rule)
    {
        var hits = 0UL;
        for (var i = 0; i < cursor.Sets.Length; i++)
        {
            var terms = _terms.Index.Ordinals(cursor.Sets[i]);
            for (; cursor.Heads[i] < terms.Length && _terms.RuleOf(terms[cursor.Heads[i]]) is var owner && owner <= rule; cursor.Heads[i]++)
            {
                hits |= owner == rule ? 1UL << _terms.BitOf(terms[cursor.Heads[i]]) : 0;
            }
        }

        return hits;
    }
}
