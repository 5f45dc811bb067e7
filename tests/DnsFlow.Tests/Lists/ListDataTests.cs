using System.Globalization;
using System.IO.Compression;
using DnsFlow.Lists;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Lists;

/// <summary>The lists that people use, from DNSFLOW_DATA.</summary>
public sealed class ListDataTests
{
    /// <summary>Files that hold no names, and what is said of them.</summary>
    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["doh-servers-ipv4.txt.gz"] = "no line of its beginning is an entry of a list",
    };

    private static readonly Dictionary<string, string> s_syntaxes = new() { ["wildcard"] = "domains", ["other"] = "domains" };

    [Fact]
    public void Read_EveryBlocklist_Loads()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "blocklists"), "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)))
        {
            using var builder = new ListBuilder("data", new ListOptions(), 256 << 20);
            using var stream = Open(file);
            var problem = ListFileReader.Read(stream, builder, Path.GetFileName(file), isExcept: false);
            if (s_refused.TryGetValue(Path.GetFileName(file), out var reason))
            {
                Assert.StartsWith(reason, problem, StringComparison.Ordinal);
                continue;
            }

            Assert.Null(problem);
            var report = builder.Build().Sources[0];
            var kind = Path.GetFileName(Path.GetDirectoryName(file)!);
            Assert.Equal(s_syntaxes.GetValueOrDefault(kind, kind), report.Syntax);
            Assert.True(report.Entries > 300, string.Create(CultureInfo.InvariantCulture, $"{file}: {report.Entries} entries"));

            // Addresses in the place of names are in many lists; no query is for one.
            Assert.True(kind == "adblock" || report.Skipped.Where(static line => line.Key != SkipReason.IsAddress).Sum(static line => line.Value) < report.Lines / 5, $"{file}: {string.Join("; ", report.FirstSkipped)}");
        }
    }

    [Fact]
    public void Read_EveryPolicyZone_EndsInAListOrOneSentence()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "rpz-zones")))
        {
            var list = TestLists.Read(File.ReadAllBytes(file), out var problem);
            Assert.True(list is not null || problem is { Length: > 0 }, file);
        }
    }

    private static Stream Open(string file) => file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(file), CompressionMode.Decompress) : File.OpenRead(file);
}
