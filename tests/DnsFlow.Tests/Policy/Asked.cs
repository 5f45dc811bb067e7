using System.Buffers.Binary;
using System.Net;
using DnsFlow.Flows;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Tests.Policy;

/// <summary>What the policy step made of one query: its result, the state of the context and the response.</summary>
internal sealed record Asked(
    StepResult Result, ForwardTarget Target, bool SkipLocalData, bool BypassCache, Decision Decision, QueryOutcome Outcome, ResponseCode Code, byte[] Response)
{
    public DnsHeader Header => DnsHeader.TryRead(Response, out var header) ? header : throw new InvalidOperationException("no response");

    /// <summary>Asks the step of a rule set.</summary>
    public static Asked Ask(RuleSet rules, AskedQuestion question)
    {
        var flow = question.Flow();
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var response = new byte[question.BufferSize];
        var context = new QueryContext(question.Message(), ref flow, name, response, 0);
        var result = new PolicyStep(rules).Invoke(ref context);
        return new Asked(
            result, context.Target, context.SkipLocalData, context.BypassCache, context.Decision, context.Outcome, context.ResponseCode,
            response[..context.ResponseLength]);
    }

    /// <summary>The records behind the question: owner (compressed names followed), type, TTL and RDATA; OPT included.</summary>
    public List<AskedRecord> Records()
    {
        var records = new List<AskedRecord>();
        Span<byte> owner = stackalloc byte[WireName.MaxLength];
        var position = DnsHeader.Size + WireName.Measure(Response, DnsHeader.Size) + 4;
        for (var i = 0; i < Header.AnswerCount + Header.AuthorityCount + Header.AdditionalCount; i++)
        {
            var length = WireName.Expand(Response, position, owner, out position);
            var record = Response.AsSpan(position);
            var size = BinaryPrimitives.ReadUInt16BigEndian(record[8..]);
            Assert.True(DomainName.TryFromWire(owner[..length], out var name));
            records.Add(new AskedRecord(
                name.ToString(), (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record), BinaryPrimitives.ReadUInt32BigEndian(record[4..]), record.Slice(10, size).ToArray()));
            position += 10 + size;
        }

        Assert.Equal(Response.Length, position);
        return records;
    }
}

/// <summary>One record of a response.</summary>
internal sealed record AskedRecord(string Owner, RecordType Type, uint Ttl, byte[] Data);

/// <summary>A question as a client sends it.</summary>
internal sealed record AskedQuestion(string Name, RecordType Type = RecordType.A)
{
    public string Client { get; init; } = "127.0.0.1";

    public int Listener { get; init; }

    public FlowTransport Transport { get; init; } = FlowTransport.Udp;

    public RecordClass Class { get; init; } = RecordClass.IN;

    /// <summary>The UDP size of an OPT record; null = no OPT.</summary>
    public ushort? Edns { get; init; }

    public int BufferSize { get; init; } = ushort.MaxValue;

    public FlowFacts Flow() => new(
        new FlowKey(Transport, FlowEndpoint.From(IPAddress.Parse(Client), 40_000), FlowEndpoint.From(IPAddress.Loopback, 53)), Listener);

    public byte[] Message()
    {
        Assert.True(DomainName.TryParse(Name, out var name));
        var message = new byte[DnsHeader.Size + name.Length + 4 + (Edns is null ? 0 : DnsResponses.OptSize)];
        new DnsHeader(0x4711, DnsHeader.RecursionDesiredBit, 1, 0, 0, (ushort)(Edns is null ? 0 : 1)).Write(message);
        name.Wire.CopyTo(message.AsSpan(DnsHeader.Size));
        var rest = message.AsSpan(DnsHeader.Size + name.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)Class);
        if (Edns is { } size)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest[5..], (ushort)RecordType.OPT);
            BinaryPrimitives.WriteUInt16BigEndian(rest[7..], size);
        }

        return message;
    }
}
