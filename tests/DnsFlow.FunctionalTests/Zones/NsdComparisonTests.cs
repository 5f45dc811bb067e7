using System.Net;
using System.Net.Sockets;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using Xunit.Abstractions;

namespace DnsFlow.FunctionalTests.Zones;

/// <summary>
/// Zones of the world served by us and by nsd: sampled questions get the same RCODE, AA and sections. How many questions are asked says DNSFLOW_COMPARE
/// (1,000 of each zone unless set); docs/zones.md explains where the two differ.
/// </summary>
public sealed class NsdComparisonTests(ITestOutputHelper output)
{
    private static readonly RecordType[] s_types =
    [
        RecordType.A, RecordType.AAAA, RecordType.NS, RecordType.DS, RecordType.SOA, RecordType.MX, RecordType.TXT, RecordType.CNAME,
        RecordType.DNSKEY, RecordType.NSEC, RecordType.NSEC3PARAM, RecordType.RRSIG, (RecordType)65280,
    ];

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("DNSFLOW_COMPARE"), out var count) ? count : 1_000;

    [ToolFact("nsd")]
    public async Task Ask_SignedRoot_TheSameAsNsd() => await CompareAsync("zones/real/root-2017-08-21-signed.zone.gz", ".");

    [ToolFact("nsd")]
    public async Task Ask_ZoneOfAliasesAndDelegations_TheSameAsNsd() => await CompareTextAsync("""
        $ORIGIN example.
        $TTL 300
        @ SOA ns hostmaster 1 2 3 4 60
        @ NS ns
        ns A 192.0.2.1
        www CNAME web
        web A 192.0.2.2
        web AAAA 2001:db8::2
        out CNAME www.elsewhere.
        chain CNAME www
        dangling CNAME nowhere
        *.wild A 192.0.2.3
        *.wild MX 10 web
        deep.er.wild TXT "closer"
        *.alias CNAME web
        moved DNAME target
        a.target A 192.0.2.4
        b.target CNAME c.moved
        c.target A 192.0.2.5
        sub NS ns.sub
        sub NS ns.elsewhere.
        sub NS ns
        ns.sub A 192.0.2.6
        ns.sub AAAA 2001:db8::6
        to.sub.into CNAME deep.sub
        e.n.t A 192.0.2.7
        """ + "\n", "example.");

    [ToolFact("nsd")]
    public async Task Ask_Gov_TheSameAsNsd() => await CompareAsync("zones/real/gov-2026-08-22.zone.gz", "gov.");

    [ToolFact("nsd")]
    public async Task Ask_ZonesWithNsec3WildcardsAndAliases_TheSameAsNsd()
    {
        await CompareAsync("zones/nsd/nsd-nsec3_wildnodatads.tdir__nsec3_wildnodatads.zone.signed", "example.com.");
        await CompareAsync("zones/knot/knot-tests__basic__opt-out__data__example.zone", "example.");
    }

    private async Task CompareAsync(string file, string origin)
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var path = Path.Combine(folder, file);
        var text = path.EndsWith(".gz", StringComparison.Ordinal) ? string.Join('\n', DnsFlowData.ReadGzipLines(path)) + "\n" : await File.ReadAllTextAsync(path);
        await CompareTextAsync(text, origin);
    }

    private async Task CompareTextAsync(string text, string origin)
    {
        using var nsd = await AuthoritativeServer.StartAsync([(origin, text)], minimal: true);
        await using var proxy = await ProxyHarness.StartAsync(
            $$""" "Zones": { "compared": { "Origin": "{{origin}}", "File": "{{nsd.FileOf(origin)}}" } } """);
        using var ours = new StreamAsker(proxy.Endpoint);
        using var theirs = new StreamAsker(nsd.Endpoint);
        var random = new Random(20_261_122);
        var owners = Owners(text, origin);
        var differences = 0;
        var hashes = owners.Where(owner => owner.FirstLabel.Length == 32).ToHashSet();
        var apex = DomainName.Parse(origin);
        for (var i = 0; i < Count; i++)
        {
            var query = Query(owners, origin, random);
            if (IsLeftOut(query.Questions[0], apex, hashes))
            {
                continue;
            }

            var (mine, its) = (Describe(await ours.AskAsync(query)), Describe(await theirs.AskAsync(query)));
            if (mine != its && ++differences <= 20)
            {
                output.WriteLine($"{query.Questions[0].Name} {query.Questions[0].Type.ToText()} DO={query.Edns is not null}\n--- ours\n{mine}\n--- nsd\n{its}\n");
            }
        }

        output.WriteLine($"{origin}: {Count} questions, {differences} answered otherwise than nsd does");
        Assert.Equal(0, differences);
    }

    private static DomainName[] Owners(string text, string origin)
    {
        var names = new SortedSet<DomainName>();
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && char.IsAsciiLetterOrDigit(line[0]) | line[0] is '*' or '_' or '.'))
        {
            if (DomainName.TryParse(line.Split([' ', '\t'], 2)[0], DomainName.Parse(origin), out var name, out _))
            {
                names.Add(name);
            }
        }

        return [.. names];
    }

    /// <summary>
    /// Where the two differ on purpose (docs/zones.md): the DS of an apex is the parent's matter; names of NSEC3 records are no names of the zone, so that below
    /// them nsd proves otherwise; for a question about the very <c>*</c> nsd adds a proof that is not needed.
    /// </summary>
    private static bool IsLeftOut(Question question, DomainName apex, HashSet<DomainName> hashes) =>
        (question.Type == RecordType.DS && question.Name == apex)
        || question.Name.IsWildcard
        || hashes.Contains(question.Name) || (question.Name.Parent is { } parent && hashes.Contains(parent));

    /// <summary>An owner, a name below one, a name beside one, or a name above one; any type; with DO every other time.</summary>
    private static DnsMessage Query(DomainName[] owners, string origin, Random random)
    {
        var name = owners[random.Next(owners.Length)];
        var kind = random.Next(10);
        if (kind is 6 or 7 && name.TryPrepend([(byte)('a' + random.Next(26)), (byte)('a' + random.Next(26))], out var below))
        {
            name = below;
        }
        else if (kind == 8 && name.Parent is { } parent && parent.IsAtOrBelow(DomainName.Parse(origin))
            && parent.TryPrepend([(byte)('a' + random.Next(26)), .. name.FirstLabel[..Math.Min(name.FirstLabel.Length, 20)]], out var beside))
        {
            name = beside;
        }
        else if (kind == 9 && name.Parent is { } above && above.IsAtOrBelow(DomainName.Parse(origin)))
        {
            name = above;
        }

        var edns = random.Next(2) == 0 ? null : new Edns { UdpPayloadSize = 1232, DnssecOk = true };
        return new DnsMessage { Id = (ushort)random.Next(65536), Questions = [new Question(name, s_types[random.Next(s_types.Length)])], Edns = edns };
    }

    /// <summary>The addresses of servers that nsd adds to an answer about NS are left out: we add them to referrals alone.</summary>
    private static string Describe(DnsMessage message) => string.Join('\n', [
        $"{message.ResponseCode} aa={message.IsAuthoritative} tc={message.IsTruncated}",
        .. Section("answer", message.Answer), .. Section("authority", message.Authority),
        .. message.Questions[0].Type == RecordType.NS && message.Answer.Count > 0 ? [] : Section("additional", message.Additional)]);

    private static IEnumerable<string> Section(string name, IReadOnlyList<ResourceRecord> records) =>
        records.Select(record => $"{name} {record.ToString().ToLowerInvariant()}").Order(StringComparer.Ordinal);

    /// <summary>Asks over one TCP connection, one question after the other.</summary>
    private sealed class StreamAsker : IDisposable
    {
        private readonly TcpClient _client = new();

        public StreamAsker(IPEndPoint server)
        {
            _client.NoDelay = true;
            _client.Connect(server);
        }

        public async Task<DnsMessage> AskAsync(DnsMessage query)
        {
            var octets = DnsMessageWriter.ToArray(query)!;
            var stream = _client.GetStream();
            await stream.WriteAsync((byte[])[(byte)(octets.Length >> 8), (byte)octets.Length, .. octets]);
            var head = new byte[2];
            await stream.ReadExactlyAsync(head);
            var response = new byte[(head[0] << 8) | head[1]];
            await stream.ReadExactlyAsync(response);
            Assert.True(DnsMessageReader.TryRead(response, out var message, out var error), error.ToString());
            Assert.Equal(query.Id, message.Id);
            return message;
        }

        public void Dispose() => _client.Dispose();
    }
}
