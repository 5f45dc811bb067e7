using System.Text.RegularExpressions;

namespace DnsFlow.Tests.Repository;

/// <summary>
/// A folder of the library uses only folders of a lower layer (docs/architecture.md): not its own layer's, not a higher one's. Read from the
/// source: `using` lines and names that begin with DnsFlow.
/// </summary>
public partial class LayeringTests
{
    private const string Library = "src/DnsFlow/";

    private static readonly Dictionary<string, int> Layers = new()
    {
        ["Protocol"] = 0, ["Limits"] = 0, ["Telemetry"] = 0, ["Settings"] = 0,
        ["Flows"] = 1,
        ["Transports"] = 2, ["Queries"] = 2,
        ["Names"] = 3, ["Clients"] = 3,
        ["Policy"] = 4, ["Zones"] = 4, ["Caching"] = 4, ["Upstreams"] = 4, ["Lists"] = 4,
        ["Shards"] = 5, ["Copying"] = 5,
        ["Providers"] = 6,
        ["Server"] = 7,
        ["Hosting"] = 8,
    };

    /// <summary>The few uses inside of layer 0. None goes back, so there is no circle.</summary>
    private static readonly Dictionary<(string From, string To), string> Allowed = new()
    {
        [("Telemetry", "Protocol")] = "it counts by record type and response code",
        [("Telemetry", "Limits")] = "it counts by the reason of shedding, and its counters lie in native memory",
        [("Protocol", "Limits")] = "buffers are rented in one place",
        [("Limits", "Settings")] = "the bounds are settings, read as everybody's are",
    };

    private static readonly string[] UnsafeFolders = ["Transports/Udp/Linux/", "Transports/Tcp/Linux/", "Limits/", "Flows/Linux/"];

    [Fact]
    public void EveryFolder_HasALayer()
    {
        var without = SourceTree.Product.Select(Folder).OfType<string>().Distinct().Where(folder => !Layers.ContainsKey(folder));
        Findings.AssertNone(without);
    }

    [Fact]
    public void EveryFolder_UsesOnlyLowerLayers()
    {
        var wrong = Uses().Where(use => !IsLower(use) && !Allowed.ContainsKey((use.From, use.To)));
        Findings.AssertNone(wrong.Select(use => $"{use.Where}: {use.From} (layer {Layer(use.From)}) uses {use.To} (layer {Layer(use.To)})"));
    }

    [Fact]
    public void EveryException_IsNeeded()
    {
        var uses = Uses().Select(use => (use.From, use.To)).ToHashSet();
        var stale = Allowed.Keys.Where(exception => !uses.Contains(exception));
        Findings.AssertNone(stale);
    }

    [Fact]
    public void RootOfTheLibrary_UsesNoFolder()
    {
        var wrong = SourceTree.Product.Where(file => file.Path.StartsWith(Library, StringComparison.Ordinal) && Folder(file) is null)
            .Where(file => Used(file).Any());
        Findings.AssertNone(wrong);
    }

    [Fact]
    public void Namespaces_FollowTheFolders()
    {
        // Top level statements have no namespace, and extensions of a framework type have the type's, where everybody finds them.
        var wrong = SourceTree.Product
            .Where(file => NamespaceLine().Match(file.Code) is { Success: true } match && match.Groups[1].Value != ExpectedNamespace(file.Path)
                && !(match.Groups[1].Value.StartsWith("Microsoft.", StringComparison.Ordinal) && file.Path.EndsWith("Extensions.cs", StringComparison.Ordinal)))
            .Select(file => $"{file.Path}: expected {ExpectedNamespace(file.Path)}");
        Findings.AssertNone(wrong);
    }

    [Fact]
    public void UnsafeCodeAndNativeCalls_StayInTheirFolders()
    {
        var wrong = SourceTree.Product
            .Where(file => !UnsafeFolders.Any(folder => file.Path.StartsWith(Library + folder, StringComparison.Ordinal)))
            .Where(file => UnsafeWords().IsMatch(file.Code));
        Findings.AssertNone(wrong);
    }

    [Fact]
    public void Service_ReachesNoInternals()
    {
        var projects = Directory.GetFiles(AppContext.BaseDirectory, "DnsFlow.Proxy.dll");
        Assert.Single(projects);
        var friends = System.Reflection.Assembly.LoadFrom(projects[0])
            .GetCustomAttributes(typeof(System.Runtime.CompilerServices.InternalsVisibleToAttribute), false)
            .Cast<System.Runtime.CompilerServices.InternalsVisibleToAttribute>();
        Assert.DoesNotContain(friends, friend => friend.AssemblyName.StartsWith("dnsflow,", StringComparison.Ordinal) || friend.AssemblyName == "dnsflow");
    }

    private static IEnumerable<(string Where, string From, string To)> Uses() =>
        from file in SourceTree.Product
        let folder = Folder(file)
        where folder is not null
        from used in Used(file)
        where used != folder
        select (file.Path, folder, used);

    private static IEnumerable<string> Used(SourceFile file) => OurNames().Matches(file.Code)
        .Where(match => !NamespaceLine().Match(file.Code).Value.Contains(match.Value, StringComparison.Ordinal))
        .Select(match => match.Groups[1].Value)
        .Where(name => Layers.ContainsKey(name))
        .Distinct();

    private static bool IsLower((string Where, string From, string To) use) => Layer(use.To) < Layer(use.From);

    private static int Layer(string folder) => Layers.GetValueOrDefault(folder, -1);

    /// <summary>The library folder a file lies in; null outside of them.</summary>
    private static string? Folder(SourceFile file)
    {
        var parts = file.Path.Split('/');
        return file.Path.StartsWith(Library, StringComparison.Ordinal) && parts.Length > 3 ? parts[2] : null;
    }

    private static string ExpectedNamespace(string path) => string.Join('.', path.Split('/')[1..^1]);

    [GeneratedRegex(@"\bDnsFlow\.([A-Z]\w*)")]
    private static partial Regex OurNames();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"\bunsafe\b|\bLibraryImport\b|\bDllImport\b|\bNativeLibrary\b")]
    private static partial Regex UnsafeWords();
}
