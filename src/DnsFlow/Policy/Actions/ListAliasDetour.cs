using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>An entry of a list answers with a CNAME record: what it leads to is asked, and stands behind it.</summary>
/// <param name="target">Where it leads.</param>
/// <param name="ttl">The TTL of the CNAME record, in seconds.</param>
/// <param name="error">The extended error.</param>
internal sealed class ListAliasDetour(DomainName target, uint ttl, ExtendedErrorCode error) : QueryDetour
{
    public override string Description => $"led to {target}";

    public override async ValueTask<DetourResponse> RunAsync(IDetourQuery query)
    {
        var asked = DetourMessages.Question(query.Message);
        var found = await query.AskAsync(DetourMessages.Ask(query.Message, target, asked.Type)).ConfigureAwait(false);
        if (!DnsMessageReader.TryRead(found.Message, out var response))
        {
            return DetourMessages.Fail(query.Message);
        }

        return DetourMessages.Respond(
            query.Message, response, response.ResponseCode, [new ResourceRecord(asked.Name, RecordType.CNAME, RecordClass.IN, ttl, target.Wire.ToArray()), .. response.Answer],
            found.Outcome is QueryOutcome.Failed or QueryOutcome.Shed ? found.Outcome : QueryOutcome.Blocked, error);
    }
}
