using System.IO.Compression;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Zones;
using Xunit.Abstractions;

namespace DnsFlow.Tests.Zones;

/// <summary>Zones as others write them, held against what named-checkzone 9.18.49 and nsd-checkzone 4.6.1 say of them (recorded in the data).</summary>
public class ZoneDataTests(ITestOutputHelper output)
{
    private const string Signer = "a signer's matter: the records are served as they stand, as nsd does";
    private const string OutOfZone = "an owner outside of the zone is a mistake in a file of one's own; nsd refuses it too, BIND passes over the record";
    private const string Hyphens = "RFC 7043: pairs of digits, all of them; later versions of BIND refuse it too";

    /// <summary>Where we judge otherwise than named-checkzone 9.18, and why.</summary>
    private static readonly Dictionary<string, string> Otherwise = new()
    {
        ["bind/bind-xfer__ns2__mapped.db"] = OutOfZone,
        ["bind/bind-verify__zones__unsigned.db"] = OutOfZone,
        ["knot/knot-data__out-of-zone.zone"] = OutOfZone,
        ["ldns/ldns-25-ZONEMD.tpkg__A.2.Complex-EXAMPLE-Zone"] = OutOfZone,
        ["unbound/unbound-zonemd.example_a2.zone"] = OutOfZone,
        ["bind-checkzone/bad-eui48-no-leading-zero.db"] = Hyphens,
        ["bind-checkzone/bad-eui48-trailing-garbage.db"] = Hyphens,
        ["bind-checkzone/bad-eui64-trailing-garbage.db"] = Hyphens,
        ["knot-semantic/cdnskey.delete.invalid.cdnskey"] = Signer,
        ["knot-semantic/cdnskey.invalid.param"] = Signer,
        ["nsd/nsd-ipseckey.tdir__ipseckey.zone"] = "RFC 4025 section 3.1.3 lets the key be missing; nsd reads it, BIND 9.18 does not yet",
        ["pdns/pdns-zonemd-allunsup.zone"] = "RFC 8976 section 2.2.4: a digest of an unknown scheme is carried; nsd reads it",
        ["pdns/pdns-zonemd3.zone"] = "RFC 8976 section 2.2.4: a digest of an unknown scheme is carried; nsd reads it",
    };

    [Fact]
    public void Read_ZonesOfTheWorld_LoadOrAreRefusedAsTheReferenceServersDo()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var differences = new List<string>();
        var unexplained = new List<string>();
        var all = 0;
        foreach (var line in File.ReadLines(Path.Combine(folder, "zones", "index.tsv")).Skip(1))
        {
            var columns = line.Split('\t');
            var errors = Read(Path.Combine(folder, columns[0]), columns[1]);
            all++;
            if (errors.Any == (columns[4] == "ok"))
            {
                var said = $"{columns[0]}: we {(errors.Any ? errors.Items[0].Line + ": " + errors.Items[0].Message : "ok")} | bind {columns[4]} {columns[7]} | nsd {columns[5]}";
                output.WriteLine(said);
                differences.Add(columns[0]["zones/".Length..]);
                if (!Otherwise.ContainsKey(differences[^1]))
                {
                    unexplained.Add(said);
                }
            }
        }

        output.WriteLine($"the same verdict as named-checkzone: {all - differences.Count} of {all}");
        Assert.Equal(535, all);
        Assert.Empty(unexplained);
        Assert.Equal(Otherwise.Keys.Order(), differences.Order());
    }

    /// <summary>What named-compilezone writes of a zone: absolute names, one line a record, nothing generated or included any more.</summary>
    [Fact]
    public void Read_ZonesOfTheWorld_MeanWhatNamedCompilezoneSays()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var origins = File.ReadLines(Path.Combine(folder, "zones", "index.tsv")).Skip(1).Select(line => line.Split('\t')).ToDictionary(c => c[0], c => c[1]);
        var differing = new List<string>();
        var compared = 0;
        foreach (var canonical in Directory.EnumerateFiles(Path.Combine(folder, "zones", "canonical"), "*.canonical", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(Path.Combine(folder, "zones", "canonical"), canonical)[..^".canonical".Length];
            var path = Path.Combine(folder, "zones", name);
            if (!File.Exists(path) || !origins.TryGetValue("zones/" + name, out var origin) || Read(path, origin).Any)
            {
                continue;
            }

            compared++;
            var (ours, theirs) = (Records(path, origin), Records(canonical, "."));
            if (!ours.SetEquals(theirs))
            {
                differing.Add(name);
                output.WriteLine($"{name}\n  only ours: {string.Join(" | ", ours.Except(theirs).Take(3))}\n  only theirs: {string.Join(" | ", theirs.Except(ours).Take(3))}");
            }
        }

        output.WriteLine($"{compared} zones compared, {differing.Count} differ");
        Assert.True(compared > 300, $"only {compared} zones compared");
        Assert.Empty(differing);
    }

    /// <summary>Inputs of Knot's zone scanner with what it makes of them, record by record; broken lines are passed over by both.</summary>
    [Fact]
    public void Read_InputsOfKnotsScanner_GiveTheSameRecords()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var differing = new List<string>();
        foreach (var input in Directory.EnumerateFiles(Path.Combine(folder, "zones", "knot-zscanner"), "*.in").Order(StringComparer.Ordinal))
        {
            var expected = Path.ChangeExtension(input, ".out");
            if (!File.Exists(expected))
            {
                continue;
            }

            var reader = new ZoneFileReader(new ZoneFolder(Path.GetDirectoryName(input)!), new ZoneErrors(10_000));
            reader.Read(input, File.ReadAllBytes(input), DomainName.Root);
            var ours = reader.Records.Select(r => $"{Convert.ToHexString(r.Owner)} {r.Ttl:X8} {(int)r.Type:X4} {Convert.ToHexString(r.Data)}").ToList();
            var theirs = ScannerRecords(expected).ToList();
            if (!ours.SequenceEqual(theirs))
            {
                differing.Add(Path.GetFileNameWithoutExtension(input));
                output.WriteLine($"{differing[^1]}: ours {ours.Count}, theirs {theirs.Count}\n  only ours: {string.Join(" | ", ours.Except(theirs).Take(6))}\n  only theirs: {string.Join(" | ", theirs.Except(ours).Take(6))}");
            }
        }

        Assert.Equal(OtherwiseThanKnot.Keys.Order(), differing);
    }

    /// <summary>Where we read otherwise than Knot's scanner, and why.</summary>
    private static readonly Dictionary<string, string> OtherwiseThanKnot = new()
    {
        ["01_owner"] = "any octet may stand in a name (RFC 2181 section 11)",
        ["06-0_INCLUDE"] = "a $TTL in an included file stays in force behind it, as in BIND",
        ["06-1_INCLUDE"] = "the origin of $INCLUDE may be relative (RFC 1035 section 5.1)",
        ["06-2_INCLUDE"] = "any octet may stand in a name",
        ["06-8_INCLUDE"] = "names of files are relative to the zone file, in included files too",
        ["18_MX"] = "any octet may stand in a name",
        ["26_SRV"] = "any octet may stand in a name",
        ["28_TYPE"] = "TYPE0 is no type of data (RFC 6895 section 3.1)",
        ["38_DHCID"] = "white space may stand anywhere in base64, as in BIND",
        ["62_ALIAS"] = "a type of Knot's own",
    };

    private static IEnumerable<string> ScannerRecords(string path)
    {
        string owner = "", ttl = "", type = "", @class = "";
        foreach (var line in File.ReadLines(path))
        {
            var (key, value) = line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (line[..at], line[(at + 1)..]) : (line, "");
            (owner, @class, ttl, type) = (key == "OWNER" ? value : owner, key == "CLASS" ? value : @class, key == "RRTTL" ? value : ttl, key == "RTYPE" ? value : type);
            if (key == "RDATA" && @class == "0001")
            {
                var lowered = Convert.FromHexString(owner);
                WireName.ToLower(lowered, lowered);
                yield return $"{Convert.ToHexString(lowered)} {ttl} {type} {value}";
            }
        }
    }

    private static HashSet<string> Records(string path, string origin)
    {
        var errors = new ZoneErrors();
        var reader = new ZoneFileReader(new ZoneFolder(Path.GetDirectoryName(path)!), errors);
        reader.Read(path, File.ReadAllBytes(path), DomainName.Parse(origin));
        Assert.Empty(errors.Items);
        return [.. reader.Records.Select(record => $"{NameText.Print(record.Owner)} {record.Type.ToText()} {RdataText.ToText(record.Type, RecordClass.IN, record.Data)}")];
    }

    private static ZoneErrors Read(string path, string origin)
    {
        var errors = new ZoneErrors();
        ZoneFile.Read(path, Unpack(path), DomainName.Parse(origin), new ZoneFolder(Path.GetDirectoryName(path)!), 7, errors)?.Build(errors, path);
        return errors;
    }

    internal static byte[] Unpack(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
