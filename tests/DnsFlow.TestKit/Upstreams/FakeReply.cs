using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.TestKit;

/// <summary>What a <see cref="FakeUpstream"/> does with one query. The ready-made ones are in <see cref="FakeReplies"/>.</summary>
public delegate Task FakeReply(FakeQuery query);

/// <summary>A part of a reply that can be wrong.</summary>
public enum ReplyField
{
    Id,
    Name,
    Type,
    Class,
    Response,
    OpCode,
    QuestionCount,
}

/// <summary>What servers do, well and badly.</summary>
public static class FakeReplies
{
    /// <summary>No reply.</summary>
    public static FakeReply Silent { get; } = _ => Task.CompletedTask;

    /// <summary>A cut response (TC) without records.</summary>
    public static FakeReply Truncated { get; } = query => query.SendAsync(query.Respond(null, truncated: true));

    /// <summary>TCP: the length of a message and half of it, then nothing.</summary>
    public static FakeReply HalfAnswer { get; } = query =>
    {
        var response = query.Respond("192.0.2.99");
        return query.SendRawAsync([(byte)(response.Length >> 8), (byte)response.Length, .. response.AsSpan(0, response.Length / 2)]);
    };

    /// <summary>TCP: RST.</summary>
    public static FakeReply Reset { get; } = query =>
    {
        query.Close(reset: true);
        return Task.CompletedTask;
    };

    /// <summary>TCP: FIN without an answer.</summary>
    public static FakeReply Close { get; } = query =>
    {
        query.Close(reset: false);
        return Task.CompletedTask;
    };

    /// <summary>A reply that is wrong in the way of this name; null for names that only the test itself knows.</summary>
    public static FakeReply? Fault(string name) => name switch
    {
        "silent" => Silent,
        "garbage" => All(Garbage(1, 2, 3), Garbage([.. Enumerable.Range(0, 60).Select(static i => (byte)(i * 37))])),
        "wrong id" => Wrong(ReplyField.Id),
        "wrong name" => Wrong(ReplyField.Name),
        "wrong type" => Wrong(ReplyField.Type),
        "wrong class" => Wrong(ReplyField.Class),
        "no response" => Wrong(ReplyField.Response),
        "SERVFAIL" => Code(ResponseCode.ServFail),
        "REFUSED" => Code(ResponseCode.Refused),
        "FORMERR" => Code(ResponseCode.FormErr),
        _ => null,
    };

    /// <summary>A good response with one A record.</summary>
    public static FakeReply Answer(string address) => query => query.SendAsync(query.Respond(address));

    /// <summary>A response without records.</summary>
    public static FakeReply Code(ResponseCode code) => query => query.SendAsync(query.Respond(null, code));

    /// <summary>A header alone: QDCOUNT 0.</summary>
    public static FakeReply BareCode(ResponseCode code) => query =>
    {
        var header = query.Respond(null, code)[..DnsHeader.Size];
        header[5] = 0;
        return query.SendAsync(header);
    };

    /// <summary>A reply <paramref name="times"/> over.</summary>
    public static FakeReply Repeated(int times, FakeReply reply) => async query =>
    {
        for (var i = 0; i < times; i++)
        {
            await reply(query);
        }
    };

    /// <summary>One after the other.</summary>
    public static FakeReply All(params FakeReply[] replies) => async query =>
    {
        foreach (var reply in replies)
        {
            await reply(query);
        }
    };

    /// <summary>A reply that waits until <paramref name="gate"/> is completed.</summary>
    public static FakeReply Held(Task gate, FakeReply reply) => async query =>
    {
        await gate;
        await reply(query);
    };

    /// <summary>These octets, whatever was asked. Over TCP behind their length.</summary>
    public static FakeReply Garbage(params byte[] octets) => query => query.SendAsync(octets);

    /// <summary>A good response in which one part is wrong.</summary>
    public static FakeReply Wrong(ReplyField field, string address = "192.0.2.66") => query => query.SendAsync(Spoil(query.Respond(address), field, query.Question.Length));

    /// <summary>Makes one part of a response wrong; everything stays in its place.</summary>
    public static byte[] Spoil(byte[] response, ReplyField field, int questionLength)
    {
        var question = response.AsSpan(DnsHeader.Size, questionLength);
        switch (field)
        {
            case ReplyField.Id:
                response[1] ^= 1;
                break;
            case ReplyField.Name:
                question[1] ^= 0x20;    // another letter case is another name here
                break;
            case ReplyField.Type:
                question[^3] ^= 0x1C;
                break;
            case ReplyField.Class:
                question[^1] ^= 2;
                break;
            case ReplyField.Response:
                response[2] &= 0x7F;
                break;
            case ReplyField.OpCode:
                response[2] ^= 0x20;
                break;
            default:
                BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(4), 2);
                break;
        }

        return response;
    }
}
