using System.Net;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>Asks for A records and makes AAAA records of them; without any the answer to the first question stands.</summary>
internal sealed class Dns64Detour(Dns64Prefix prefix, uint life, byte[] negative, ResponseCode code) : QueryDetour
{
    private static readonly ClientSet s_private = new(RebindingActionFactory.PrivateNetworks, []);

    public override string Description => "AAAA records made of A records (DNS64)";

    public override async ValueTask<DetourResponse> RunAsync(IDetourQuery query)
    {
        var asked = DetourMessages.Question(query.Message);
        var found = await query.AskAsync(DetourMessages.Ask(query.Message, asked.Name, RecordType.A)).ConfigureAwait(false);
        return DnsMessageReader.TryRead(found.Message, out var response) && Translate(response) is var answer && answer.Any(static record => record.Type == RecordType.AAAA)
            ? DetourMessages.Respond(query.Message, response, ResponseCode.NoError, answer, QueryOutcome.Forwarded)
            : new(negative, code is ResponseCode.NoError ? QueryOutcome.Forwarded : QueryOutcome.Failed, code);
    }

    // Aliases stay as they are (section 5.1.6); signatures are of the A records.
    private List<ResourceRecord> Translate(DnsMessage response) =>
    [
        .. response.Answer.Where(IsKept).Select(record => record.Type != RecordType.A ? record
            : new ResourceRecord(record.Name, RecordType.AAAA, record.Class, Math.Min(life, record.TimeToLive), prefix.Embed(record.Rdata.Span))),
    ];

    private bool IsKept(ResourceRecord record) => record.Type switch
    {
        RecordType.A => record.Rdata.Length == 4 && !(prefix.IsWellKnown && s_private.Contains(FlowEndpoint.From(new IPAddress(record.Rdata.Span), 0))),
        RecordType.CNAME or RecordType.DNAME => true,
        _ => false,
    };
}
