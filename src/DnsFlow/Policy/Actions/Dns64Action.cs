using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy.Actions;

/// <summary>Sees whether an answer lacks AAAA records, or the name of a translated address, and then takes the query on a detour.</summary>
internal sealed class Dns64Action(Dns64Prefix prefix, ClientSet excluded) : IQueryAction
{
    // RFC 6147 section 5.1.7: how long a made record lives when no SOA record says it.
    private const uint DefaultLife = 600;

    public bool IsFinal => false;

    public StepResult Invoke(ref QueryContext context)
    {
        if (context.IsDetoured || context.Query.Class != RecordClass.IN || Detour(context) is not { } detour)
        {
            return StepResult.Continue;
        }

        context.Detour = detour;
        return StepResult.Detour;
    }

    private QueryDetour? Detour(in QueryContext context)
    {
        var response = context.Response[..context.ResponseLength];
        if (!DnsHeader.TryRead(response, out var header) || header.IsTruncated)
        {
            return null;
        }

        // Who validates by himself gets no records that cannot be proven (section 5.5); a name that does not exist has no addresses (section 5.1.2).
        var isWanted = context.Query.Type == RecordType.AAAA && header.ResponseCode != ResponseCode.NXDomain
            && !(context.Query.DnssecOk && context.Query.Header.CheckingDisabled) && !HasAddress(response);
        return isWanted ? new Dns64Detour(prefix, Life(response), response.ToArray(), header.ResponseCode)
            : context.Query.Type == RecordType.PTR && header.AnswerCount == 0 && ReverseNames.TryReadIPv6(context.Name, out var address)
                && prefix.TryExtract(address, stackalloc byte[4]) ? new Dns64ReverseDetour(prefix)
            : null;
    }

    private bool HasAddress(ReadOnlySpan<byte> response)
    {
        for (var records = new AnswerSection(response); records.MoveNext();)
        {
            if (records.Current.Type == RecordType.AAAA && !(records.Data.Length == 16 && excluded.Contains(FlowEndpoint.FromIPv6(records.Data, 0, 0))))
            {
                return true;
            }
        }

        return false;
    }

    private static uint Life(ReadOnlySpan<byte> response)
    {
        for (var records = new AnswerSection(response, withAuthority: true); records.MoveNext();)
        {
            if (records.Current.Type == RecordType.SOA)
            {
                return records.Current.Ttl;
            }
        }

        return DefaultLife;
    }
}
