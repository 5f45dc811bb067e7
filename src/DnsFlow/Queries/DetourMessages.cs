using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Queries;

/// <summary>Makes the messages of detours: the questions they ask, and the responses to the client.</summary>
internal static class DetourMessages
{
    /// <summary>The question of a client's query.</summary>
    public static Question Question(byte[] query) => Read(query).Questions[0];

    /// <summary>A query for another name, with the client's RD, CD and DO.</summary>
    public static byte[] Ask(byte[] query, DomainName name, RecordType type)
    {
        var client = Read(query);
        return Write(new DnsMessage
        {
            Flags = (ushort)(client.Flags & (DnsHeader.RecursionDesiredBit | DnsHeader.CheckingDisabledBit)),
            Questions = [new Question(name, type)],
            Edns = new Edns { DnssecOk = client.Edns?.DnssecOk == true },
        });
    }

    /// <summary>The response to a client, with records of another response. What was proven about those says nothing about these: AD goes. An error of ours takes the place of theirs.</summary>
    public static DetourResponse Respond(byte[] query, DnsMessage found, ResponseCode code, IReadOnlyList<ResourceRecord> answer, QueryOutcome outcome, ExtendedErrorCode error = ExtendedErrorCode.None)
    {
        var client = Read(query);
        var response = new DnsMessage
        {
            Id = client.Id,
            Flags = DnsResponses.ResponseFlags(client.Flags, code),
            Questions = client.Questions,
            Answer = answer,
            Authority = found.Authority,
            Edns = client.Edns is null ? null : new Edns { DnssecOk = client.Edns.DnssecOk, Options = error != ExtendedErrorCode.None ? [new ExtendedError(error).ToOption()] : found.Edns?.Options ?? [] },
        };
        return new(Write(response), outcome, code);
    }

    /// <summary>SERVFAIL.</summary>
    public static DetourResponse Fail(byte[] query)
    {
        QueryView.TryParse(query, out var view);
        var response = new byte[view.QuestionEnd + DnsResponses.OptSize + 6];
        var length = DnsResponses.WriteEmpty(query, view, ResponseCode.ServFail, response, ExtendedErrorCode.Other);
        return new(response[..length], QueryOutcome.Failed, ResponseCode.ServFail);
    }

    private static DnsMessage Read(byte[] message) =>
        DnsMessageReader.TryRead(message, out var read) ? read : throw new InvalidDataException("A query that was well formed cannot be read.");

    private static byte[] Write(DnsMessage message) =>
        DnsMessageWriter.ToArray(message) ?? throw new InvalidDataException("A response has more than 65,535 octets.");
}
