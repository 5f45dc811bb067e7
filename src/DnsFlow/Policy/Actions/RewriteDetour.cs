using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>Asks another name and gives its answer as the query's own.</summary>
internal sealed class RewriteDetour(DomainName target, bool flattens, uint ttl) : QueryDetour
{
    /// <summary>The name that is asked.</summary>
    public DomainName Target { get; } = target;

    public override string Description => $"rewritten to {Target}{(flattens ? ", flattened" : "")}";

    public override async ValueTask<DetourResponse> RunAsync(IDetourQuery query)
    {
        var asked = DetourMessages.Question(query.Message);
        var found = await query.AskAsync(DetourMessages.Ask(query.Message, Target, asked.Type)).ConfigureAwait(false);
        if (!DnsMessageReader.TryRead(found.Message, out var response))
        {
            return DetourMessages.Fail(query.Message);
        }

        var answer = flattens ? Flatten(asked, response) : [Alias(asked), .. asked.Type == RecordType.CNAME ? [] : response.Answer];
        var code = response.ResponseCode == ResponseCode.NXDomain && !flattens && asked.Type == RecordType.CNAME ? ResponseCode.NoError : response.ResponseCode;
        return DetourMessages.Respond(query.Message, response, code, answer, found.Outcome is QueryOutcome.Failed or QueryOutcome.Shed ? found.Outcome : QueryOutcome.Forwarded);
    }

    private ResourceRecord Alias(Question asked) => new(asked.Name, RecordType.CNAME, RecordClass.IN, ttl, Target.Wire.ToArray());

    // Aliases go, so the records may live as long as the shortest link of the chain. Signatures are of other names.
    private static IReadOnlyList<ResourceRecord> Flatten(Question asked, DnsMessage response)
    {
        var life = response.Answer.Count == 0 ? 0 : response.Answer.Min(static record => record.TimeToLive);
        return [.. response.Answer
            .Where(record => record.Type == asked.Type || (asked.Type == RecordType.ANY && record.Type is not (RecordType.CNAME or RecordType.DNAME or RecordType.RRSIG)))
            .Select(record => new ResourceRecord(asked.Name, record.Type, record.Class, Math.Min(life, record.TimeToLive), record.Rdata))];
    }
}
