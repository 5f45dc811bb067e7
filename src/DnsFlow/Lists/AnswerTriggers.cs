using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>
/// The entries of one list on answers. Addresses go before servers; among addresses the longest prefix decides, among servers the longest name, and of two alike what stands
/// first in the response. Those of its exceptions go before all. Immutable; allocates nothing when asked.
/// </summary>
internal sealed class AnswerTriggers
{
    // What the prefix lengths of IPv4 networks are short of, beside those of IPv6.
    private const int MappedBits = 96;

    private readonly ListData _list;
    private readonly TriggerNetworks _networks;
    private readonly TriggerNetworks _alwaysNetworks;
    private readonly ServerNameTable _servers;
    private readonly ServerNameTable _alwaysServers;

    /// <summary>Makes them of a list's entries.</summary>
    public AnswerTriggers(ListData list)
    {
        _list = list;
        _networks = new TriggerNetworks(list.Answers, static entry => !entry.IsAlways);
        _alwaysNetworks = new TriggerNetworks(list.Answers, static entry => entry.IsAlways);
        _servers = Servers(isAlways: false);
        _alwaysServers = Servers(isAlways: true);

        ServerNameTable Servers(bool isAlways) => new(list.Answers
            .Select(static (entry, number) => (Entry: entry, Number: number))
            .Where(one => one.Entry.Server is not null && one.Entry.IsAlways == isAlways)
            .Select(static one => (one.Entry.Server!, one.Entry.IsBelow, one.Number)));
    }

    /// <summary>Whether an entry matches a response, and which; not when it is an exception.</summary>
    public bool TryMatch(in FlowFacts flow, ReadOnlySpan<byte> response, out ListMatch match)
    {
        match = default;
        var number = Find(_networks, _servers, response);
        if (number < 0 || Find(_alwaysNetworks, _alwaysServers, response) >= 0)
        {
            return false;
        }

        var entry = _list.Answers[number];
        if ((entry.Flags & EntryFlags.Exception) == 0 && !entry.Detail.LetsPass(flow))
        {
            match = new ListMatch(_list, ~(_list.Patterns.Length + _list.Clients.Length + number), entry.Detail.Answer);
        }

        return match.IsMatch;
    }

    private int Find(TriggerNetworks networks, ServerNameTable servers, ReadOnlySpan<byte> response) =>
        FindAddress(networks, response) is >= 0 and var number ? number : FindServer(servers, response);

    private int FindAddress(TriggerNetworks networks, ReadOnlySpan<byte> response)
    {
        var (best, longest) = (-1, 0);
        for (var records = new AnswerSection(response); records.MoveNext();)
        {
            for (var rest = records.Addresses(isIPv6: false); rest.Length >= 4; rest = rest[4..])
            {
                Take(networks.Find(FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(rest), 0)), MappedBits, ref best, ref longest);
            }

            for (var rest = records.Addresses(isIPv6: true); rest.Length >= 16; rest = rest[16..])
            {
                Take(networks.Find(FlowEndpoint.FromIPv6(rest[..16], 0, 0)), 0, ref best, ref longest);
            }
        }

        return best;
    }

    private void Take(int number, int added, ref int best, ref int longest)
    {
        if (number >= 0 && _list.Answers[number].Network.PrefixLength + added is var length && length > longest)
        {
            (best, longest) = (number, length);
        }
    }

    [SkipLocalsInit]
    private static int FindServer(ServerNameTable servers, ReadOnlySpan<byte> response)
    {
        var (best, highest) = (-1, 0);
        if (!DnsHeader.TryRead(response, out var header) || header.AuthorityCount == 0)
        {
            return best;
        }

        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var records = new AnswerSection(response, withAuthority: true);
        for (var i = 0; records.MoveNext(); i++)
        {
            if (i < header.AnswerCount || records.Current.Type != RecordType.NS || WireName.Expand(response, records.Current.Data, name, out _) is not (> 0 and var length))
            {
                continue;
            }

            WireName.ToLower(name[..length], name);
            if (servers.Find(name[..length], out var rank) is >= 0 and var number && rank > highest)
            {
                (best, highest) = (number, rank);
            }
        }

        return best;
    }
}
