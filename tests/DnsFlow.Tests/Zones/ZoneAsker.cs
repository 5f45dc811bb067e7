using System.Buffers.Binary;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Zones;

namespace DnsFlow.Tests.Zones;

/// <summary>Makes zones from text and asks steps about names.</summary>
internal static class ZoneAsker
{
    public static FlowFacts Udp { get; } = new(new FlowKey(FlowTransport.Udp, default, default), 0);

    public static FlowFacts Tcp { get; } = new(new FlowKey(FlowTransport.Tcp, default, default), 0);

    /// <summary>A zone's text with the usual head in front.</summary>
    public static string WithHead(string records, string origin = "example.") =>
        $"$ORIGIN {origin}\n$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 300\n@ NS ns\nns A 192.0.2.53\n{records}\n";

    public static List<ZoneError> Errors(string text, string origin = "example.")
    {
        var errors = new ZoneErrors();
        Compile(text, origin, errors);
        return [.. errors.Items];
    }

    public static Zone? Compile(string text, string origin, ZoneErrors errors)
    {
        var builder = ZoneFile.Read("z.zone", Encoding.UTF8.GetBytes(text), DomainName.Parse(origin), null, 7, errors);
        return builder?.Build(errors, "z.zone");
    }

    /// <summary>A store of zones, each a text with a head of its own; fails on any error.</summary>
    public static ZoneStore Store(params (string Origin, string Records)[] zones)
    {
        var table = new NameTable<Zone>(7);
        foreach (var (origin, records) in zones)
        {
            var errors = new ZoneErrors();
            var zone = Compile(WithHead(records, origin), origin, errors);
            Assert.Empty(errors.Items);
            table.TryAdd(zone!.Apex.ToArray(), zone);
        }

        return new ZoneStore(new ZoneTable(table, null));
    }

    public static ZoneStep Step(string records) => new(Store(("example.", records)));

    public static byte[] Query(string name, RecordType type, int edns = 0, RecordClass @class = RecordClass.IN, bool dnssec = false, bool recursion = true)
    {
        var wire = DomainName.Parse(name).Wire;
        var message = new byte[12 + wire.Length + 4 + (edns > 0 ? 11 : 0)];
        new DnsHeader(0x1234, recursion ? DnsHeader.RecursionDesiredBit : (ushort)0, 1, 0, 0, (ushort)(edns > 0 ? 1 : 0)).Write(message);
        wire.CopyTo(message.AsSpan(12));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(12 + wire.Length), (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(14 + wire.Length), (ushort)@class);
        if (edns > 0)
        {
            var opt = message.AsSpan(16 + wire.Length);
            BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)RecordType.OPT);
            BinaryPrimitives.WriteUInt16BigEndian(opt[3..], (ushort)edns);
            opt[7] = (byte)(dnssec ? 0x80 : 0);
        }

        return message;
    }

    /// <summary>Asks "NAME TYPE" over UDP without EDNS unless told otherwise.</summary>
    public static ZoneReply Ask(
        IQueryStep step, string question, int edns = 0, bool tcp = false, bool skip = false, RecordClass @class = RecordClass.IN,
        bool dnssec = false, bool recursion = true)
    {
        var words = question.Split(' ');
        Assert.True(RecordTypes.TryParse(words[1], out var type));
        var message = Query(words[0], type, dnssec && edns == 0 ? 1232 : edns, @class, dnssec, recursion);
        var facts = tcp ? Tcp : Udp;
        var response = new byte[65_535];
        var context = new QueryContext(message, ref facts, new byte[255], response, 0) { SkipLocalData = skip };
        Assert.Equal(QueryStatus.Ok, context.Status);
        var result = step.Invoke(ref context);
        return ZoneReply.Read(result, response.AsSpan(0, context.ResponseLength));
    }
}
