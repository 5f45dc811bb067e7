using System.Globalization;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>Leads from the name of a translated address to that of the IPv4 address (RFC 6147 section 5.3.1).</summary>
internal sealed class Dns64ReverseDetour(Dns64Prefix prefix) : QueryDetour
{
    private const uint Life = 600;

    public override string Description => "led to the name of the IPv4 address (DNS64)";

    public override async ValueTask<DetourResponse> RunAsync(IDetourQuery query)
    {
        var asked = DetourMessages.Question(query.Message);
        var target = Target(asked.Name);
        var found = await query.AskAsync(DetourMessages.Ask(query.Message, target, RecordType.PTR)).ConfigureAwait(false);
        return DnsMessageReader.TryRead(found.Message, out var response)
            ? DetourMessages.Respond(
                query.Message, response, response.ResponseCode,
                [new ResourceRecord(asked.Name, RecordType.CNAME, RecordClass.IN, Life, target.Wire.ToArray()), .. response.Answer],
                found.Outcome is QueryOutcome.Failed or QueryOutcome.Shed ? found.Outcome : QueryOutcome.Forwarded)
            : DetourMessages.Fail(query.Message);
    }

    private DomainName Target(DomainName name)
    {
        var lowered = new byte[name.Length];
        WireName.ToLower(name.Wire, lowered);
        Span<byte> address = stackalloc byte[4];
        if (!ReverseNames.TryReadIPv6(lowered, out var embedded) || !prefix.TryExtract(embedded, address))
        {
            throw new InvalidOperationException("The name is not that of a translated address.");
        }

        return DomainName.Parse(string.Create(CultureInfo.InvariantCulture, $"{address[3]}.{address[2]}.{address[1]}.{address[0]}.in-addr.arpa"));
    }
}
