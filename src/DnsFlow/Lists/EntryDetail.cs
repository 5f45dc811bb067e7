using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>What an entry says beyond its name and its flags: conditions that are evaluated at each match, and its answer. Immutable; shared by entries that say the same.</summary>
internal sealed record EntryDetail
{
    /// <summary>How it is written, for people and to tell details apart: the modifiers of a rule, the action of a policy zone.</summary>
    public required string Text { get; init; }

    /// <summary>What is answered; null = it only blocks.</summary>
    public ListAnswer? Answer { get; init; }

    /// <summary>Whether it rewrites, and so goes before every other rule (<c>$dnsrewrite</c>).</summary>
    public bool IsRewrite { get; init; }

    /// <summary>The query types that are meant, or with <see cref="ExceptTypes"/> those that are not; empty = all.</summary>
    public ImmutableArray<RecordType> Types { get; init; } = [];

    /// <summary>Whether <see cref="Types"/> are the ones that are not meant.</summary>
    public bool ExceptTypes { get; init; }

    /// <summary>The clients that are meant; null = all.</summary>
    public NetworkSet? Clients { get; init; }

    /// <summary>The clients that are not meant; null = none.</summary>
    public NetworkSet? NotClients { get; init; }

    /// <summary>Names that are left alone, and what is below them; wire form and lower case.</summary>
    public ImmutableArray<byte[]> DenyAllow { get; init; } = [];

    /// <summary>Whether it is for datagrams only (TC makes no sense on a stream).</summary>
    public bool OnlyDatagrams { get; init; }

    /// <summary>Whether anything but the name decides whether it matches.</summary>
    public bool IsConditional => !Types.IsEmpty || Clients is not null || NotClients is not null || !DenyAllow.IsEmpty;

    /// <summary>Whether it lets a query pass: over a stream there is nothing to truncate.</summary>
    public bool LetsPass(in FlowFacts flow) => OnlyDatagrams && flow.Transport != FlowTransport.Udp;

    /// <summary>Whether the conditions hold for a query whose name is covered.</summary>
    public bool Holds(ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow)
    {
        if (!Types.IsEmpty && Types.AsSpan().Contains(type) == ExceptTypes)
        {
            return false;
        }

        if ((Clients is not null && !Clients.Contains(flow.Client)) || (NotClients is not null && NotClients.Contains(flow.Client)))
        {
            return false;
        }

        foreach (var allowed in DenyAllow)
        {
            if (WireName.IsAtOrBelow(name, allowed))
            {
                return false;
            }
        }

        return true;
    }
}
