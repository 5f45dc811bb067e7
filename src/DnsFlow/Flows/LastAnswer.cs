using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Flows;

/// <summary>The last response that a flow's client was given: two octets, written as one. The default is that there was none yet.</summary>
internal readonly struct LastAnswer
{
    private readonly ushort _value;

    /// <summary>A response was given.</summary>
    public LastAnswer(QueryOutcome outcome, ResponseCode code) => _value = (ushort)((((int)outcome + 1) << 8) | Math.Min((int)code, byte.MaxValue));

    /// <summary>How the query was counted; null = there was none.</summary>
    public QueryOutcome? Outcome => _value == 0 ? null : (QueryOutcome)((_value >> 8) - 1);

    /// <summary>The RCODE; null = there was none.</summary>
    public ResponseCode? Code => _value == 0 ? null : (ResponseCode)(_value & byte.MaxValue);
}
