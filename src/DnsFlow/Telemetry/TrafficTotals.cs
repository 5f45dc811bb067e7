using DnsFlow.Limits;

namespace DnsFlow.Telemetry;

/// <summary>The sums over all owners' <see cref="TrafficCounters"/> at one moment.</summary>
internal sealed class TrafficTotals
{
    private readonly long[] _queries;
    private readonly long[] _responses;
    private readonly long[] _flowsOpened;
    private readonly long[] _flowsClosed = new long[TrafficCounters.Transports * TrafficCounters.Closes];
    private readonly long[] _shed = new long[TrafficCounters.Sheds];
    private readonly long[] _ignored = new long[TrafficCounters.Ignores];
    private readonly long[][] _latency = new long[TrafficCounters.Outcomes][];
    private readonly long[] _latencySums = new long[TrafficCounters.Outcomes];

    private TrafficTotals(int listeners)
    {
        Listeners = listeners;
        _queries = new long[listeners * TrafficCounters.Transports * TrafficCounters.Types.Length];
        _responses = new long[listeners * TrafficCounters.Outcomes * TrafficCounters.Codes];
        _flowsOpened = new long[listeners * TrafficCounters.Transports * TrafficCounters.Verdicts];
        for (var i = 0; i < _latency.Length; i++)
        {
            _latency[i] = new long[LatencyHistogram.Buckets];
        }
    }

    /// <summary>No owner, nothing counted.</summary>
    public static TrafficTotals Empty { get; } = new(0);

    /// <summary>How many listeners there are rows for.</summary>
    public int Listeners { get; }

    /// <summary>
    /// Sums up while the owners go on counting. Ends are read before beginnings, over all owners: a query or flow that is counted as
    /// ended is counted as begun too, so what is in flight or open never comes out negative.
    /// </summary>
    /// <param name="owners">The owners.</param>
    /// <param name="listeners">How many listeners there are; owners may have rows for more. 0 = as many as they have rows for.</param>
    public static TrafficTotals Read(IReadOnlyList<TrafficCounters> owners, int listeners = 0)
    {
        var rows = owners.Count == 0 ? 0 : owners.Max(owner => owner.Listeners);
        var totals = new TrafficTotals(listeners > 0 ? Math.Min(listeners, rows) : rows);
        foreach (var owner in owners)
        {
            totals.AddEnds(owner);
        }

        // The reads below must not move before those above: Volatile.Read orders them, and each owner counts the beginning first.
        foreach (var owner in owners)
        {
            totals.AddBeginnings(owner);
        }

        return totals;
    }

    public long Queries(int listener, int transport, int type)
        => _queries[(listener * TrafficCounters.Transports + transport) * TrafficCounters.Types.Length + type];

    public long Responses(int listener, int outcome, int code) => _responses[(listener * TrafficCounters.Outcomes + outcome) * TrafficCounters.Codes + code];

    public long FlowsOpened(int listener, int transport, int verdict)
        => _flowsOpened[(listener * TrafficCounters.Transports + transport) * TrafficCounters.Verdicts + verdict];

    public long FlowsClosed(int transport, int reason) => _flowsClosed[transport * TrafficCounters.Closes + reason];

    public long Shed(int reason) => _shed[reason];

    public long Ignored(int reason) => _ignored[reason];

    /// <summary>The counts of the durations of one outcome, <see cref="LatencyHistogram.Buckets"/> long.</summary>
    public ReadOnlySpan<long> Latency(int outcome) => _latency[outcome];

    /// <summary>Their sum in microseconds.</summary>
    public long LatencySum(int outcome) => _latencySums[outcome];

    private void AddEnds(TrafficCounters owner)
    {
        for (var listener = 0; listener < Math.Min(Listeners, owner.Listeners); listener++)
        {
            for (var outcome = 0; outcome < TrafficCounters.Outcomes; outcome++)
            {
                for (var code = 0; code < TrafficCounters.Codes; code++)
                {
                    _responses[(listener * TrafficCounters.Outcomes + outcome) * TrafficCounters.Codes + code]
                        += owner.Responses(listener, (QueryOutcome)outcome, code);
                }
            }
        }

        for (var outcome = 0; outcome < TrafficCounters.Outcomes; outcome++)
        {
            owner.Latency[outcome].AddTo(_latency[outcome]);
            _latencySums[outcome] += owner.Latency[outcome].SumMicroseconds;
        }

        for (var i = 0; i < _flowsClosed.Length; i++)
        {
            _flowsClosed[i] += owner.FlowsClosed(i / TrafficCounters.Closes, i % TrafficCounters.Closes);
        }
    }

    private void AddBeginnings(TrafficCounters owner)
    {
        for (var listener = 0; listener < Math.Min(Listeners, owner.Listeners); listener++)
        {
            for (var transport = 0; transport < TrafficCounters.Transports; transport++)
            {
                AddBeginnings(owner, listener, transport);
            }
        }

        for (var i = 0; i < _shed.Length; i++)
        {
            _shed[i] += owner.ShedCount((ShedReason)i);
        }

        for (var i = 0; i < _ignored.Length; i++)
        {
            _ignored[i] += owner.IgnoredCount((IgnoredReason)i);
        }
    }

    private void AddBeginnings(TrafficCounters owner, int listener, int transport)
    {
        var row = listener * TrafficCounters.Transports + transport;
        for (var type = 0; type < TrafficCounters.Types.Length; type++)
        {
            _queries[row * TrafficCounters.Types.Length + type] += owner.Queries(listener, transport, type);
        }

        for (var verdict = 0; verdict < TrafficCounters.Verdicts; verdict++)
        {
            _flowsOpened[row * TrafficCounters.Verdicts + verdict] += owner.FlowsOpened(listener, transport, verdict);
        }
    }
}
