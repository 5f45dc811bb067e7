using System.IO.Compression;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Zones;
using Xunit.Abstractions;

namespace DnsFlow.Tests.Zones;

/// <summary>Zones as others write them, held against what their checkers say of them.</summary>
public class ZoneDataTests(ITestOutputHelper output)
{
    [Fact]
    public void Read_ZonesOfTheWorld_LoadOrAreRefusedAndMostlyAsTheOthersDo()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        int same = 0, all = 0;
        foreach (var line in File.ReadLines(Path.Combine(folder, "zones", "index.tsv")).Skip(1))
        {
            var columns = line.Split('\t');
            var errors = Read(Path.Combine(folder, columns[0]), columns[1]);
            var expected = columns[4] == "ok";
            all++;
            same += errors.Any != expected ? 1 : 0;
            if (errors.Any == expected)
            {
                output.WriteLine($"{columns[0]}: we {(errors.Any ? errors.Items[0].Line + ": " + errors.Items[0].Message : "ok")} | bind {columns[4]} {columns[7]} | nsd {columns[5]}");
            }
        }

        output.WriteLine($"the same verdict as named-checkzone: {same} of {all}");
        Assert.True(same * 100 >= all * 94, $"the same verdict as named-checkzone in only {same} of {all}");
    }

    private static ZoneErrors Read(string path, string origin)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        var errors = new ZoneErrors();
        ZoneFile.Read(path, content.ToArray(), DomainName.Parse(origin), new ZoneFolder(Path.GetDirectoryName(path)!), 7, errors)?.Build(errors, path);
        return errors;
    }
}
