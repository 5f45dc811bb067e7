using DnsFlow.Flows;
using DnsFlow.Policy.Conditions;
using DnsFlow.Protocol;

namespace DnsFlow.Policy;

/// <summary>
/// The rules that wait for neither a name nor a client. A table of bits for each listener, transport and type says which of them may match, so that
/// sixty-four that cannot are stepped over in a few instructions. Immutable.
/// </summary>
internal sealed class OpenRules
{
    private const int KnownTypes = 260;

    private readonly int[] _rules;
    private readonly ulong[][] _byListener;
    private readonly ulong[][] _byTransport;
    private readonly ulong[][] _byType;
    private readonly ulong[] _otherListener;

    /// <summary>Takes some rules in their order.</summary>
    public OpenRules(IReadOnlyList<QueryRule> rules, int listeners)
    {
        _rules = [.. rules.Select(static rule => rule.Index)];
        _byListener = [.. Enumerable.Range(0, listeners).Select(listener => Bits(rules, rule => Listener(rule, listener)))];
        _otherListener = Bits(rules, static rule => Listener(rule, -1));
        _byTransport = [.. Enum.GetValues<FlowTransport>().Select(transport => Bits(rules, rule => Transport(rule, transport)))];
        var asked = rules.SelectMany(static rule => rule.Conditions.OfType<TypesCondition>()).SelectMany(static one => one.Types).ToHashSet();
        var unasked = Bits(rules, static rule => rule.Conditions.OfType<TypesCondition>().All(static one => one.IsNegated));
        _byType = new ulong[KnownTypes + 1][];
        for (var type = 0; type < KnownTypes; type++)
        {
            _byType[type] = asked.Contains((RecordType)type) ? Bits(rules, rule => Type(rule, (RecordType)type)) : unasked;
        }

        // Larger numbers are rare: a rule that asks for types at all may match them.
        _byType[KnownTypes] = Bits(rules, static _ => true);
    }

    /// <summary>Begins with those that may match.</summary>
    public Cursor Begin(in FlowFacts flow, RecordType type) => new(
        _rules,
        (uint)flow.Listener < (uint)_byListener.Length ? _byListener[flow.Listener] : _otherListener,
        _byTransport[(int)flow.Transport],
        _byType[Math.Min((int)type, KnownTypes)]);

    private static ulong[] Bits(IReadOnlyList<QueryRule> rules, Func<QueryRule, bool> mayMatch)
    {
        var bits = new ulong[(rules.Count + 63) / 64];
        for (var i = 0; i < rules.Count; i++)
        {
            bits[i / 64] |= mayMatch(rules[i]) ? 1UL << (i % 64) : 0;
        }

        return bits;
    }

    private static bool Listener(QueryRule rule, int listener) => rule.Conditions.OfType<ListenerCondition>().All(one => one.Has(listener));

    private static bool Transport(QueryRule rule, FlowTransport transport) => rule.Conditions.OfType<TransportCondition>().All(one => one.Has(transport));

    private static bool Type(QueryRule rule, RecordType type) => rule.Conditions.OfType<TypesCondition>().All(one => one.Has(type) != one.IsNegated);

    /// <summary>Those that may match one query, as far as they are still ahead.</summary>
    internal ref struct Cursor
    {
        private readonly ReadOnlySpan<int> _rules;
        private readonly ReadOnlySpan<ulong> _listener;
        private readonly ReadOnlySpan<ulong> _transport;
        private readonly ReadOnlySpan<ulong> _type;
        private int _word;
        private ulong _bits;

        /// <summary>Begins with the first.</summary>
        public Cursor(ReadOnlySpan<int> rules, ReadOnlySpan<ulong> listener, ReadOnlySpan<ulong> transport, ReadOnlySpan<ulong> type)
        {
            _rules = rules;
            _listener = listener;
            _transport = transport;
            _type = type;
            _word = -1;
        }

        /// <summary>The first that is not before <paramref name="rule"/>; <see cref="int.MaxValue"/> when there is none.</summary>
        public int From(int rule)
        {
            while (true)
            {
                while (_bits == 0)
                {
                    if (++_word >= _listener.Length)
                    {
                        _word = _listener.Length;
                        return int.MaxValue;
                    }

                    _bits = _listener[_word] & _transport[_word] & _type[_word];
                }

                var found = _rules[(_word * 64) + System.Numerics.BitOperations.TrailingZeroCount(_bits)];
                if (found >= rule)
                {
                    return found;
                }

                _bits &= _bits - 1;
            }
        }
    }
}
