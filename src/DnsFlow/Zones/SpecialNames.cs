using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// The names that must not leave the machine or the site, as zones of their own: those of RFC 6761, the locally served zones of RFC 6303 and of the
/// documents after it. Not among them: <c>example.</c>, which caching servers treat like any other name (RFC 6761 section 6.5).
/// </summary>
internal static class SpecialNames
{
    /// <summary>Names that never exist in the DNS: they and all below are NXDOMAIN, and not even their DS is asked for.</summary>
    private static readonly string[] s_never =
    [
        "invalid.", "test.",    // RFC 6761 sections 6.4, 6.2
        "onion.",               // RFC 7686 section 2
        "local.",               // RFC 6762 section 22.1: multicast DNS has them
        "alt.",                 // RFC 9476 section 2
    ];

    /// <summary>Zones that everyone serves for himself: an apex with SOA and NS, and nothing below.</summary>
    private static readonly string[] s_local =
    [
        "home.arpa.",                                                   // RFC 8375 section 4
        "10.in-addr.arpa.", "168.192.in-addr.arpa.",                    // RFC 6303 section 4.1
        .. Enumerable.Range(16, 16).Select(i => $"{i}.172.in-addr.arpa."),
        "0.in-addr.arpa.", "254.169.in-addr.arpa.", "255.255.255.255.in-addr.arpa.",        // section 4.2
        "2.0.192.in-addr.arpa.", "100.51.198.in-addr.arpa.", "113.0.203.in-addr.arpa.",
        "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.",        // section 4.3: ::
        "d.f.ip6.arpa.",                                                // section 4.4: fd00::/8
        "8.e.f.ip6.arpa.", "9.e.f.ip6.arpa.", "a.e.f.ip6.arpa.", "b.e.f.ip6.arpa.",         // section 4.5: fe80::/10
        "8.b.d.0.1.0.0.2.ip6.arpa.",                                    // section 4.6: 2001:db8::/32
        .. Enumerable.Range(64, 64).Select(i => $"{i}.100.in-addr.arpa."),                  // RFC 7793: 100.64.0.0/10
    ];

    /// <summary>Makes the zones. <paramref name="seed"/> is the seed of the hash tables, <paramref name="designated"/> what clients find who look for encryption.</summary>
    public static ZoneTable Build(ulong seed, IReadOnlyList<byte[]> designated)
    {
        var zones = new NameTable<Zone>(seed);
        foreach (var name in s_never)
        {
            var apex = Wire(name);
            var soa = ZoneRRset.Encode(RecordType.SOA, SyntheticSoa.Ttl, [SyntheticSoa.Data(apex, SyntheticSoa.Ttl)]);
            zones.TryAdd(apex, new Zone(apex, new NameTable<ZoneNode>(seed), soa) { IsDelegated = false });
        }

        foreach (var name in s_local)
        {
            Add(zones, Begin(name, seed));
        }

        Add(zones, Begin("127.in-addr.arpa.", seed), Pointer("1.0.0.127.in-addr.arpa."));
        const string Loopback = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.";
        Add(zones, Begin(Loopback, seed), Pointer(Loopback));
        AddLocalhost(zones, seed);
        AddResolver(zones, seed, designated);
        return new ZoneTable(zones, null);
    }

    /// <summary>RFC 6761 section 6.3: localhost and every name below it is this machine.</summary>
    private static void AddLocalhost(NameTable<Zone> zones, ulong seed)
    {
        byte[] loopback4 = [127, 0, 0, 1], loopback6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        var localhost = new ZoneBuilder(Wire("localhost."), seed) { IsDelegated = false };
        localhost.Add(Record(localhost.Apex, RecordType.SOA, SyntheticSoa.Data(localhost.Apex, SyntheticSoa.Ttl)));
        foreach (var name in (string[])["localhost.", "*.localhost."])
        {
            localhost.Add(Record(Wire(name), RecordType.A, loopback4));
            localhost.Add(Record(Wire(name), RecordType.AAAA, loopback6));
        }

        Add(zones, localhost);
    }

    /// <summary>
    /// RFC 9462 section 4: our own encrypted addresses, and NODATA for every other name and without any, so that a client learns that there is no designated
    /// resolver here. Forwarded, the question would be
    /// answered by the upstream about itself (section 6.5), and the client would walk around us.
    /// </summary>
    private static void AddResolver(NameTable<Zone> zones, ulong seed, IReadOnlyList<byte[]> designated)
    {
        var resolver = Begin("resolver.arpa.", seed);
        resolver.AddName(Wire("*.resolver.arpa."));
        Add(zones, resolver, [.. designated.Select(static data => Record(Wire("_dns.resolver.arpa."), RecordType.SVCB, data))]);
    }

    private static ZoneBuilder Begin(string apex, ulong seed)
    {
        var zone = new ZoneBuilder(Wire(apex), seed);
        zone.Add(Record(zone.Apex, RecordType.SOA, SyntheticSoa.Data(zone.Apex, SyntheticSoa.Ttl)));
        zone.Add(Record(zone.Apex, RecordType.NS, zone.Apex));
        return zone;
    }

    private static void Add(NameTable<Zone> zones, ZoneBuilder builder, params ReadOnlySpan<ZoneRecord> records)
    {
        foreach (var record in records)
        {
            builder.Add(record);
        }

        zones.TryAdd(builder.Apex, builder.Compile(new ZoneErrors(), "")!);
    }

    private static ZoneRecord Pointer(string owner) => Record(Wire(owner), RecordType.PTR, Wire("localhost."));

    private static ZoneRecord Record(byte[] owner, RecordType type, byte[] data) => new(owner, type, SyntheticSoa.Ttl, data, "", 0);

    private static byte[] Wire(string name) => DomainName.Parse(name).Wire.ToArray();
}
