using System.Net;
using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Server.Explaining;

/// <summary>A made-up query: what would become of it is asked, and nothing is sent.</summary>
public sealed record ExplainQuestion
{
    /// <summary>QNAME.</summary>
    public required DomainName Name { get; init; }

    /// <summary>QTYPE; A unless set.</summary>
    public RecordType Type { get; init; } = RecordType.A;

    /// <summary>QCLASS; IN unless set.</summary>
    public RecordClass Class { get; init; } = RecordClass.IN;

    /// <summary>The client's address; 127.0.0.1 unless set.</summary>
    public IPAddress Client { get; init; } = IPAddress.Loopback;

    /// <summary>The name of the listener it comes to; null = the first.</summary>
    public string? Listener { get; init; }

    /// <summary>What carries it; UDP unless set.</summary>
    public FlowTransport Transport { get; init; } = FlowTransport.Udp;

    /// <summary>When it comes; null = now.</summary>
    public DateTimeOffset? At { get; init; }
}
