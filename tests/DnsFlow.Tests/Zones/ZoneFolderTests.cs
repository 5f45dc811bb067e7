using DnsFlow.Zones;

namespace DnsFlow.Tests.Zones;

/// <summary>A folder that a test writes files to and loads zones from.</summary>
public abstract class ZoneFolderTests : IDisposable
{
    /// <summary>What every zone needs: a TTL, SOA and NS records.</summary>
    private protected const string Head = "$TTL 1h\n@ SOA ns h 1 2 3 4 5\n NS ns.else.\n";

    private protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("dnsflow-zones-");

    public void Dispose()
    {
        Folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected static Dictionary<string, ZoneOptions> Named(string name, ZoneOptions options) => new() { [name] = options };

    private protected ZoneStep Load()
    {
        var result = ZoneLoader.Load(Folder.FullName);
        Assert.Empty(result.Errors);
        return new ZoneStep(result.Store!);
    }

    private protected string Write(string name, string text)
    {
        var path = Path.Combine(Folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
