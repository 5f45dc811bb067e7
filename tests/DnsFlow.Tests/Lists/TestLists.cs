using System.Collections.Immutable;
using System.Net;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Lists;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Lists;

/// <summary>Lists made of text, and questions to them.</summary>
internal static class TestLists
{
    /// <summary>Reads one text as a list; the problem is null when it is good.</summary>
    public static ListData? Read(byte[] text, out string? problem, ListOptions? options = null, byte[]? except = null, long maxBytes = 64 << 20)
    {
        using var builder = new ListBuilder("ads", options ?? new ListOptions(), maxBytes);
        problem = ListFileReader.Read(new MemoryStream(text), builder, "ads.txt", isExcept: false);
        if (problem is null && except is not null)
        {
            problem = ListFileReader.Read(new MemoryStream(except), builder, "allow.txt", isExcept: true);
        }

        return problem is null ? builder.Build() : null;
    }

    /// <summary>Reads a text that is good.</summary>
    public static ListData Read(string text, ListOptions? options = null, string? except = null)
    {
        var data = Read(Encoding.UTF8.GetBytes(text), out var problem, options, except is null ? null : Encoding.UTF8.GetBytes(except));
        Assert.Null(problem);
        return data!;
    }

    /// <summary>Lists with some data, in force.</summary>
    public static ListSet Set(params ReadOnlySpan<ListData> lists)
    {
        var states = ImmutableArray.CreateBuilder<ListState>();
        foreach (var list in lists)
        {
            var state = new ListState(list.Name, new ListOptions(), "/");
            state.Accept(list, [], DateTimeOffset.UnixEpoch);
            states.Add(state);
        }

        return new ListSet(states.ToImmutable(), ListPlace.None);
    }

    /// <summary>What a list says about a question.</summary>
    public static ListMatch Ask(
        INameLists lists, string name, RecordType type = RecordType.A, string client = "127.0.0.1", int list = 0, FlowTransport transport = FlowTransport.Udp)
    {
        var flow = new FlowFacts(
            new FlowKey(transport, FlowEndpoint.From(IPAddress.Parse(client), 40_000), FlowEndpoint.From(IPAddress.Loopback, 53)), 0);
        var wire = new byte[WireName.MaxLength];
        var parsed = DomainName.Parse(name);
        WireName.ToLower(parsed.Wire, wire);
        var lookup = default(ListLookup);
        lists.TryMatch(list, wire.AsSpan(0, parsed.Length), type, flow, ref lookup, out var match);
        lists.Begin(wire.AsSpan(0, parsed.Length), ref lookup);
        lists.Continue(ref lookup);
        lists.TryMatch(list, wire.AsSpan(0, parsed.Length), type, flow, ref lookup, out var ahead);
        Assert.Equal(match, ahead);     // begun with a batch or not
        return match;
    }

    /// <summary>As <see cref="Ask(INameLists, string, RecordType, string, int, FlowTransport)"/>, of one list; the line that matched, 0 = none.</summary>
    public static int Line(ListData list, string name, RecordType type = RecordType.A, string client = "127.0.0.1") =>
        Ask(Set(list), name, type, client).Describe()?.Line ?? 0;
}
