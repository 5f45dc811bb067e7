using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Settings;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Settings;

public sealed class SettingsReaderTests
{
    private static readonly SettingsShape<Dictionary<string, UpstreamGroupOptions>> Groups =
        new SettingsShape<Dictionary<string, UpstreamGroupOptions>>("Root.")
            .Map("Upstreams", UpstreamGroupSettings.Shape, static () => new UpstreamGroupOptions(), static (o, name, group) => o[name] = group);

    private static readonly SettingsShape<LimitOptions> Limits = new SettingsShape<LimitOptions>("Root.").Object("Limits", LimitSettings.Shape, static o => o);

    private static readonly SettingsShape<CacheOptions> Cache = new SettingsShape<CacheOptions>("Root.").Object("Cache", CacheSettings.Shape, static o => o);

    [Fact]
    public void Read_ListInLaterLayer_ReplacesTheWholeList()
    {
        var groups = new Dictionary<string, UpstreamGroupOptions>();
        var errors = SettingsText.Read(
            Groups, groups,
            """{ "DnsFlow": { "Upstreams": { "default": { "Servers": ["9.9.9.9", "149.112.112.112", "1.1.1.1"], "Attempts": 2 } } } }""",
            """{ "DnsFlow": { "Upstreams": { "default": { "Servers": ["10.0.0.53"] } } } }""");
        Assert.Empty(errors);
        Assert.Equal(["10.0.0.53"], groups["default"].Servers);
        Assert.Equal(2, groups["default"].Attempts);
    }

    [Theory]
    [InlineData("[]", new string[0])]
    [InlineData("\"10.0.0.53\"", new[] { "10.0.0.53" })]
    [InlineData("[\"10.0.0.53\", \"10.0.0.54\", \"10.0.0.55\"]", new[] { "10.0.0.53", "10.0.0.54", "10.0.0.55" })]
    public void Read_LaterLayerHasOtherList_Wins(string later, string[] expected)
    {
        var groups = new Dictionary<string, UpstreamGroupOptions>();
        var errors = SettingsText.Read(
            Groups, groups,
            """{ "DnsFlow": { "Upstreams": { "default": { "Servers": ["9.9.9.9", "1.1.1.1"] } } } }""",
            $$"""{ "DnsFlow": { "Upstreams": { "default": { "Servers": {{later}} } } } }""");
        Assert.Empty(errors);
        Assert.Equal(expected, groups["default"].Servers);
    }

    [Fact]
    public void Read_NullInLaterLayer_ResetsAValueAndLeavesAnObject()
    {
        var options = new LimitOptions();
        var errors = SettingsText.Read(
            Limits, options,
            """{ "DnsFlow": { "Limits": { "Flows": 100, "PerFlow": { "InFlight": 7 } } } }""",
            """{ "DnsFlow": { "Limits": { "Flows": null, "PerFlow": {} } } }""");
        Assert.Empty(errors);
        Assert.Equal(16_384, options.Flows);
        Assert.Equal(7, options.PerFlow.InFlight);
    }

    [Fact]
    public void Read_EnvironmentVariable_WinsByNameInAnyLetterCase()
    {
        const string Prefix = "POLICYTEST_";
        Environment.SetEnvironmentVariable(Prefix + "DNSFLOW__CACHE__MAXBYTES", "32MB");
        Environment.SetEnvironmentVariable(Prefix + "DNSFLOW__CACHE__MAXTTL", "soon");
        var errors = new SettingsErrors();
        var options = new CacheOptions();
        var configuration = new ConfigurationBuilder()
            .AddConfiguration(SettingsText.Layers("""{ "DnsFlow": { "Cache": { "MaxBytes": "64MB", "MinTtl": "5s" } } }"""))
            .AddEnvironmentVariables(Prefix).Build();
        SettingsReader.Open(configuration.GetSection("DnsFlow"), errors, configuration).Read(Cache, options);
        Assert.Equal(32 << 20, options.MaxBytes);
        Assert.Equal(TimeSpan.FromSeconds(5), options.MinTtl);
        Assert.StartsWith("environment: DnsFlow:Cache:MaxTtl  'soon' is not a duration", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ListsInTwoLayersOfASectionWithoutRoot_AreReadAsTheStockConfigurationMixesThem()
    {
        var configuration = SettingsText.Layers("""{ "DnsFlow": { "Cache": { "MinTtl": "5s" } } }""");
        var options = new CacheOptions();
        var errors = new SettingsErrors();
        SettingsReader.Open(configuration.GetSection("DnsFlow"), errors).Read(Cache, options);
        Assert.Empty(errors);
        Assert.Equal(TimeSpan.FromSeconds(5), options.MinTtl);
    }

    [Fact]
    public void Read_File_NamesItInTheError()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.json"), """{ "DnsFlow": { "Cache": { "MaxBytes": "1MB" } } }""");
            File.WriteAllText(Path.Combine(folder.FullName, "b.json"), """{ "DnsFlow": { "Cache": { "MaxByts": "1MB" } } }""");
            var errors = new SettingsErrors();
            var configuration = new ConfigurationBuilder().SetBasePath(folder.FullName).AddJsonFile("a.json").AddJsonFile("b.json").Build();
            SettingsReader.Open(configuration, errors).Read(Cache, new CacheOptions());
            Assert.Equal("b.json:1: DnsFlow:Cache:MaxByts  unknown key; did you mean 'MaxBytes'?", Assert.Single(errors).ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Read_ManyMistakes_AreAllReported()
    {
        var errors = SettingsText.Read(
            Limits, new LimitOptions(),
            """
            { "DnsFlow": { "Limits": {
                "Flows": "many", "UdpIdle": "2", "TcpIdle": ["1s"], "Memory": { "Total": 1 }, "PerFlow": 7, "WhenFull": "refuse",
                "PerClient": { "Exempt": ["10.0.0.1/8", "::1", "localhost"], "Rate": "20000000/s" }, "Nonsense": 1 } } }
            """);
        Assert.Equal(
            [
                "DnsFlow:Limits:Flows", "DnsFlow:Limits:Memory", "DnsFlow:Limits:Nonsense", "DnsFlow:Limits:PerClient:Exempt:0",
                "DnsFlow:Limits:PerClient:Exempt:2", "DnsFlow:Limits:PerClient:Rate", "DnsFlow:Limits:PerFlow", "DnsFlow:Limits:TcpIdle",
                "DnsFlow:Limits:UdpIdle", "DnsFlow:Limits:WhenFull",
            ],
            errors.Select(static error => error.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Upstreams": { "7": {} } }""", "DnsFlow:Upstreams", "an object with named keys is expected, not a list")]
    [InlineData("""{ "Upstreams": { "7": {}, "b": {} } }""", "DnsFlow:Upstreams:7", "'7' is a number, not a name")]
    [InlineData("""{ "Upstreams": { "a b": {} } }""", "DnsFlow:Upstreams:a b", "'a b' is not a name; allowed: letters, digits, '-', '_' and '.'")]
    [InlineData("""{ "Upstreams": "9.9.9.9" }""", "DnsFlow:Upstreams", "an object is expected, not '9.9.9.9'")]
    [InlineData("""{ "Upstreams": { "a": { "Strategy": "ordred" } } }""", "DnsFlow:Upstreams:a:Strategy", "'ordred' is not a strategy; did you mean 'ordered'?")]
    [InlineData("""{ "Upstreams": { "a": { "Servers": { "x": "y" } } } }""", "DnsFlow:Upstreams:a:Servers", "a list is expected, not an object: its order matters")]
    [InlineData("""{ "Upstreams": { "a": { "Servers": ["9.9.9.9", null] } } }""", "DnsFlow:Upstreams:a:Servers:1", "a value is missing")]
    [InlineData("""{ "Upstreams": { "a": { "Servers": { "0": "x", "2": "y" } } } }""", "DnsFlow:Upstreams:a:Servers", "element 1 of the list is missing")]
    [InlineData("""{ "Upstreams": { "a": { "Budget": "40s" } } }""", "DnsFlow:Upstreams:a:Budget", "'40s' is above 30s; allowed: 250ms, 2s, 5m, 1h, 1d or 00:00:02, from 100ms to 30s")]
    [InlineData("""{ "Upstreams": { "a": { "Interface": "a b" } } }""", "DnsFlow:Upstreams:a:Interface", "'a b' is not the name of an interface; allowed: eth0 or tun0: 1 to 15 letters")]
    public void Read_OneMistake_SaysWhatIsWrongAndWhatIsAllowed(string json, string path, string message)
    {
        var errors = SettingsText.Read(Groups, [], $$"""{ "DnsFlow": {{json}} }""");
        Assert.Equal(new SettingsError(null, path, message), Assert.Single(errors));
    }
}
