using DnsFlow.Limits;
using DnsFlow.Protocol;

namespace DnsFlow.Telemetry;

/// <summary>
/// Everything one owner counts. A shard owns one set and adds without interlocking; the stream plane shares one that interlocks.
/// Anyone may read: totals only grow, and each is read whole.
/// </summary>
public sealed class TrafficCounters
{
    /// <summary>Query types with a counter of their own; all others count as "other", so that labels stay bounded.</summary>
    public static readonly RecordType[] Types =
    [
        RecordType.None, RecordType.A, RecordType.NS, RecordType.CNAME, RecordType.SOA, RecordType.PTR, RecordType.MX, RecordType.TXT,
        RecordType.AAAA, RecordType.SRV, RecordType.NAPTR, RecordType.DNAME, RecordType.DS, RecordType.SSHFP, RecordType.RRSIG,
        RecordType.NSEC, RecordType.DNSKEY, RecordType.TLSA, RecordType.SVCB, RecordType.HTTPS, RecordType.ANY, RecordType.CAA,
    ];

    internal const int Transports = 4, Verdicts = 3, Outcomes = 11, Codes = 24, Closes = 12, Sheds = 16, Ignores = (int)IgnoredReason.IncompleteMessage + 1;

    private readonly bool _shared;
    private readonly int _listeners;
    private readonly long[] _queries;
    private readonly long[] _responses;
    private readonly long[] _flowsOpened;
    private readonly long[] _flowsClosed = new long[Transports * Closes];
    private readonly long[] _shed = new long[Sheds];
    private readonly long[] _ignored = new long[Ignores];
    private readonly byte[] _typeIndex = new byte[260];

    /// <summary>Makes a set for so many listeners; <paramref name="shared"/> when several threads add.</summary>
    public TrafficCounters(int listeners, bool shared)
    {
        _shared = shared;
        _listeners = Math.Max(1, listeners);
        _queries = new long[_listeners * Transports * Types.Length];
        _responses = new long[_listeners * Outcomes * Codes];
        _flowsOpened = new long[_listeners * Transports * Verdicts];
        for (var i = 1; i < Types.Length; i++)
        {
            _typeIndex[(int)Types[i]] = (byte)i;
        }

        for (var i = 0; i < Latency.Length; i++)
        {
            Latency[i] = new LatencyHistogram(shared);
        }
    }

    /// <summary>From query to response, by outcome (<see cref="QueryOutcome"/> as index).</summary>
    public LatencyHistogram[] Latency { get; } = new LatencyHistogram[Outcomes];

    /// <summary>The number of listeners this set has rows for.</summary>
    public int Listeners => _listeners;

    /// <summary>A query came.</summary>
    public void QueryReceived(int listener, int transport, RecordType type)
        => Add(ref _queries[(listener * Transports + transport) * Types.Length + ((uint)type < (uint)_typeIndex.Length ? _typeIndex[(int)type] : 0)]);

    /// <summary>A query ended; <paramref name="microseconds"/> since it came.</summary>
    public void QueryFinished(int listener, QueryOutcome outcome, ResponseCode code, long microseconds)
    {
        Add(ref _responses[(listener * Outcomes + (int)outcome) * Codes + Math.Min((int)code, Codes - 1)]);
        Latency[(int)outcome].Record(microseconds);
    }

    /// <summary>A flow got its verdict (<c>FlowVerdict</c> as number).</summary>
    public void FlowOpened(int listener, int transport, int verdict) => Add(ref _flowsOpened[(listener * Transports + transport) * Verdicts + verdict]);

    /// <summary>A flow ended (<c>FlowCloseReason</c> as number).</summary>
    public void FlowClosed(int transport, int reason) => Add(ref _flowsClosed[transport * Closes + reason]);

    /// <summary>Something was turned away at a bound.</summary>
    public void Shed(ShedReason reason) => Add(ref _shed[(int)reason]);

    /// <summary>Something was not taken for a query or an answer.</summary>
    public void Ignored(IgnoredReason reason) => Add(ref _ignored[(int)reason]);

    /// <summary>Queries that came, by listener, transport and index into <see cref="Types"/>.</summary>
    public long Queries(int listener, int transport, int type) => Volatile.Read(ref _queries[(listener * Transports + transport) * Types.Length + type]);

    /// <summary>Queries that ended.</summary>
    public long Responses(int listener, QueryOutcome outcome, int code) => Volatile.Read(ref _responses[(listener * Outcomes + (int)outcome) * Codes + code]);

    /// <summary>Flows that got a verdict.</summary>
    public long FlowsOpened(int listener, int transport, int verdict) => Volatile.Read(ref _flowsOpened[(listener * Transports + transport) * Verdicts + verdict]);

    /// <summary>Flows that ended.</summary>
    public long FlowsClosed(int transport, int reason) => Volatile.Read(ref _flowsClosed[transport * Closes + reason]);

    /// <summary>What was turned away.</summary>
    public long ShedCount(ShedReason reason) => Volatile.Read(ref _shed[(int)reason]);

    /// <summary>What was ignored.</summary>
    public long IgnoredCount(IgnoredReason reason) => Volatile.Read(ref _ignored[(int)reason]);

    private void Add(ref long counter)
    {
        if (_shared)
        {
            Interlocked.Increment(ref counter);
        }
        else
        {
            Volatile.Write(ref counter, counter + 1);
        }
    }
}
