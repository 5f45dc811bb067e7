using System.Runtime.CompilerServices;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Server.Plans;
using DnsFlow.Telemetry;

namespace DnsFlow.Server.QueryLogs;

/// <summary>A decision on its way to the log: a plain value of some four hundred octets, so that noting it allocates nothing.</summary>
internal struct LoggedQuery
{
    /// <summary>The names of what the numbers mean; null = nothing is noted here.</summary>
    public EngineLog? Names;

    /// <summary>When, in microseconds of the monotonic clock.</summary>
    public long Now;

    /// <summary>The flow it came by.</summary>
    public FlowFacts Flow;

    /// <summary>QTYPE.</summary>
    public RecordType Type;

    /// <summary>QCLASS.</summary>
    public RecordClass Class;

    /// <summary>What came of it.</summary>
    public LoggedResult Result;

    /// <summary>At which bound it was turned away, if it was.</summary>
    public ShedReason Reason;

    /// <summary>How it is counted, when it was answered or dropped.</summary>
    public QueryOutcome Outcome;

    /// <summary>The RCODE, when it was answered.</summary>
    public ResponseCode Code;

    /// <summary>Who decided.</summary>
    public Decision Decision;

    /// <summary>The group's index; -1 = none.</summary>
    public int Group;

    /// <summary>The entry of a list by which the rule matched.</summary>
    public ListMatch List;

    /// <summary>How many octets of <see cref="Name"/> are in use.</summary>
    public int NameLength;

    /// <summary>QNAME in wire form and lower case.</summary>
    public NameRoom Name;

    /// <summary>Room for a name.</summary>
    [InlineArray(WireName.MaxLength)]
    public struct NameRoom
    {
        private byte _first;
    }
}
