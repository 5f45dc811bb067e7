using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Zones;

/// <summary>An alias of a zone leads out of our zones: the rest of the answer is asked of the query's group, and stands behind the records that lead there.</summary>
/// <param name="target">Where it leads.</param>
/// <param name="links">The CNAME and DNAME records on the way, signatures included.</param>
internal sealed class AliasDetour(DomainName target, IReadOnlyList<ResourceRecord> links) : QueryDetour
{
    public override string Description => $"followed out of the zone to {target}";

    public override async ValueTask<DetourResponse> RunAsync(IDetourQuery query)
    {
        var type = DetourMessages.Question(query.Message).Type;
        var found = await query.AskAsync(DetourMessages.Ask(query.Message, target, type)).ConfigureAwait(false);
        return DnsMessageReader.TryRead(found.Message, out var response)
            ? DetourMessages.Respond(
                query.Message, response, response.ResponseCode, [.. links, .. response.Answer],
                found.Outcome is QueryOutcome.Failed or QueryOutcome.Shed ? found.Outcome : QueryOutcome.Forwarded)
            : DetourMessages.Fail(query.Message);
    }
}
