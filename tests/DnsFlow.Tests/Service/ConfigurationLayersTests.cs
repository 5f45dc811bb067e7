using DnsFlow.Server;
using DnsFlow.Service.Commands;
using DnsFlow.Service.Configuration;
using DnsFlow.Settings;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Service;

public sealed class ConfigurationLayersTests : IDisposable
{
    private readonly ServiceRun _run = new();

    [Fact]
    public void Load_FileInBothFolders_CurrentOneWins()
    {
        File.WriteAllText(Path.Combine(_run.ProgramFolder, "appsettings.json"), """{ "DnsFlow": { "Shards": 7 } }""");
        Assert.Equal("7", Load(new StartSettings())["Shards"]);
        _run.With("appsettings.json", """{ "DnsFlow": { "Shards": 3 } }""");
        Assert.Equal("3", Load(new StartSettings())["Shards"]);
    }

    [Fact]
    public void Load_AllLayers_LaterWins()
    {
        _run.With("appsettings.json", """{ "DnsFlow": { "Shards": 1, "Cache": { "MaxBytes": "1MB", "MinTtl": "1s", "MaxTtl": "1d" }, }, /* kept short */ }""")
            .With("appsettings.Lab.json", """{ "DnsFlow": { "Shards": 2, "Cache": { "MaxBytes": "2MB", "MinTtl": "2s" } } }""")
            .With("more.json", """{ "DnsFlow": { "Shards": 3, "Cache": { "MaxBytes": "3MB" } } }""");
        _run.Variables["DOTNET_ENVIRONMENT"] = "Lab";

        var section = Load(new StartSettings { ConfigFile = "more.json", Shards = "4" });

        Assert.Equal(("4", "3MB", "2s", "1d"), (section["Shards"], section["Cache:MaxBytes"], section["Cache:MinTtl"], section["Cache:MaxTtl"]));
    }

    [Fact]
    public void Load_Environment_OnlyOurVariables()
    {
        Environment.SetEnvironmentVariable("DNSFLOW__CACHE__NEGATIVEMAXTTL", "77s");
        try
        {
            _run.UsesEnvironmentSettings = true;
            _run.With("appsettings.json", """{ "DnsFlow": { "Cache": { "NegativeMaxTtl": "1s" } } }""");
            var loaded = ConfigurationLayers.Load(new StartSettings(), _run.Context);
            Assert.Equal("77s", loaded.Section["Cache:NegativeMaxTtl"]);
            Assert.Null(loaded.Root["PATH"]);
        }
        finally
        {
            Environment.SetEnvironmentVariable("DNSFLOW__CACHE__NEGATIVEMAXTTL", null);
        }
    }

    [Theory]
    [InlineData(""" "Cookies": { "SecretFile": "named" } """)]
    [InlineData(""" "Listeners": { "s": { "ClientAuthorities": "named" } } """)]
    [InlineData(""" "Listeners": { "s": { "MoreCertificates": [{ "Certificate": "named" }] } } """)]
    [InlineData(""" "Upstreams": { "default": { "CaFile": "named" } } """)]
    [InlineData(""" "Zones": { "z": { "TsigKeyFile": "named" } } """)]
    [InlineData(""" "Stats": { "TokenFile": "named" } """)]
    public void Load_FileIsNamed_ItsChangesAreNoticed(string settings)
    {
        _run.With("appsettings.json", $$"""{ "DnsFlow": { {{settings}} } }""");
        Assert.Contains(Path.Combine(_run.Folder, "named"), NamedFiles.Of(ConfigurationLayers.Load(new StartSettings(), _run.Context)));
    }

    [Fact]
    public void Load_ConfigFile_ItsFolderIsTheBase()
    {
        Directory.CreateDirectory(Path.Combine(_run.Folder, "etc"));
        _run.With("etc/.dnsflow.json", """{ "DnsFlow": { "Shards": 3 } }""");

        var loaded = ConfigurationLayers.Load(new StartSettings { ConfigFile = "etc/.dnsflow.json" }, _run.Context);

        Assert.Equal(Path.Combine(_run.Folder, "etc"), loaded.BaseFolder);
        Assert.Equal("3", loaded.Section["Shards"]);
    }

    [Fact]
    public void Load_Flags_BecomeKeys()
    {
        var section = Load(new StartSettings
        {
            Listen = ["127.0.0.1:5353", "[::1]:5353"],
            Upstreams = ["9.9.9.9", "tcp://[2620:fe::fe]:53"],
            CacheSize = "0",
            Stats = "http://127.0.0.1:1234",
            Shards = "2",
        });

        Assert.Equal(("127.0.0.1:5353", "[::1]:5353"), (section["Listeners:local:Endpoints:0"], section["Listeners:local:Endpoints:1"]));
        Assert.Equal(("9.9.9.9", "tcp://[2620:fe::fe]:53"), (section["Upstreams:default:Servers:0"], section["Upstreams:default:Servers:1"]));
        Assert.Equal(("0", "2", "http://127.0.0.1:1234"), (section["Cache:MaxBytes"], section["Shards"], section["Stats:Endpoints:0"]));
        Assert.Empty(section.GetSection("QueryRules").GetChildren());
    }

    [Fact]
    public void Load_UpstreamForNames_MakesGroupsAndRulesBeforeTheConfiguredOnes()
    {
        _run.With("appsettings.json", """
            { "DnsFlow": { "QueryRules": [ { "Name": "ads", "When": { "Domains": ["ads.example"] }, "Action": "block" }, { "Name": "rest", "Action": "forward", "To": "default" } ] } }
            """);

        var section = Load(new StartSettings { Upstreams = ["[/corp.example/lan/]10.20.0.53", "[/corp.example/lan/]10.20.0.54", "[/*.x.example/]10.9.9.9"] });

        Assert.Equal(("10.20.0.53", "10.20.0.54"), (section["Upstreams:flag1:Servers:0"], section["Upstreams:flag1:Servers:1"]));
        Assert.Equal("10.9.9.9", section["Upstreams:flag2:Servers:0"]);
        Assert.Equal(("forward", "flag1", "corp.example", "lan"),
            (section["QueryRules:0:Action"], section["QueryRules:0:To"], section["QueryRules:0:When:Domains:0"], section["QueryRules:0:When:Domains:1"]));
        Assert.Equal("*.x.example", section["QueryRules:1:When:Domains:0"]);
        Assert.Equal(("ads", "ads.example", "rest"), (section["QueryRules:2:Name"], section["QueryRules:2:When:Domains:0"], section["QueryRules:3:Name"]));
        Assert.Null(section["Upstreams:default:Servers:0"]);
    }

    [Fact]
    public void Load_UpstreamForNamesWithoutRules_TheRestGoesToDefault()
    {
        var section = Load(new StartSettings { Upstreams = ["[/corp.example/]10.20.0.53"] });
        Assert.Equal(("rest", "forward", "default"), (section["QueryRules:1:Name"], section["QueryRules:1:Action"], section["QueryRules:1:To"]));
    }

    [Theory]
    [InlineData("[/corp.example]10.20.0.53")]
    [InlineData("[/corp.example/]")]
    [InlineData("[//]10.20.0.53")]
    public void Load_BrokenUpstreamForNames_IsAProblem(string flag)
        => Assert.Contains(flag, Assert.Single(ConfigurationLayers.Load(new StartSettings { Upstreams = [flag] }, _run.Context).Problems));

    [Fact]
    public void Load_BrokenJson_NamesFileAndLine()
    {
        _run.With("appsettings.json", "{\n  \"DnsFlow\": {\n    \"Shards\": oops\n  }\n}");
        Assert.StartsWith(Path.Combine(_run.Folder, "appsettings.json") + ":3: this is not JSON: ",
            Assert.Single(ConfigurationLayers.Load(new StartSettings(), _run.Context).Problems));
    }

    [Fact]
    public void Load_MissingFile_IsAProblem()
        => Assert.EndsWith("absent.json: there is no such file", Assert.Single(ConfigurationLayers.Load(new StartSettings { ConfigFile = "absent.json" }, _run.Context).Problems));

    [Theory]
    [InlineData("{}", new[] { "http://127.0.0.1:9953" })]
    [InlineData("""{ "DnsFlow": { "Stats": { "Endpoints": [] } } }""", new string[0])]
    [InlineData("""{ "DnsFlow": { "Stats": { "Endpoints": ["http://[::1]:1", "http://localhost:2"] } } }""", new[] { "http://[::1]:1", "http://localhost:2" })]
    public void Addresses_OfFile_AreRead(string json, string[] expected)
    {
        _run.With("appsettings.json", json);
        Assert.Equal(expected, Options(new StartSettings()).Stats.Endpoints);
    }

    [Theory]
    [InlineData("off", new string[0])]
    [InlineData("http://127.0.0.2:5", new[] { "http://127.0.0.2:5" })]
    public void Addresses_Flag_ReplacesTheWholeList(string flag, string[] expected)
    {
        _run.With("appsettings.json", """{ "DnsFlow": { "Stats": { "Endpoints": ["http://[::1]:1", "http://localhost:2"] } } }""");
        Assert.Equal(expected, Options(new StartSettings { Stats = flag }).Stats.Endpoints);
    }

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Options_ListenFlag_ReplacesTheListenersOfFiles()
    {
        _run.With("appsettings.json", """{ "DnsFlow": { "Listeners": { "local": { "Endpoints": ["127.0.0.1:1"] }, "lan": { "Endpoints": ["127.0.0.2:1"] } } } }""");
        var listener = Assert.Single(Options(new StartSettings { Listen = ["127.0.0.1:2"] }).Listeners);
        Assert.Equal(["127.0.0.1:2"], listener.Value.Endpoints);
    }

    [Fact]
    public void Options_UpstreamFlagsForNames_ComeBeforeTheRulesOfFiles()
    {
        _run.With("appsettings.json", """
            { "DnsFlow": { "QueryRules": [ { "Name": "ads", "When": { "Domains": ["ads.example"] }, "Action": "block", "Ttl": "5m" }, { "Name": "rest", "Action": "forward", "To": "default" } ] } }
            """);
        var options = Options(new StartSettings { Upstreams = ["192.0.2.1", "[/corp.example/=host.example/]192.0.2.2"] });
        Assert.Equal(["flag1", "ads", "rest"], options.QueryRules.Select(rule => rule.Name));
        Assert.Equal(2, options.QueryRules[0].When.Domains!.Count);
        Assert.Equal(["192.0.2.1"], options.Upstreams["default"].Servers);
        Assert.Equal(["192.0.2.2"], options.Upstreams["flag1"].Servers);
    }

    private ProxyOptions Options(StartSettings settings)
    {
        var errors = new SettingsErrors();
        var options = ConfigurationLayers.Load(settings, _run.Context).Options(errors);
        Assert.Empty(errors);
        return options;
    }

    private IConfigurationSection Load(StartSettings settings)
    {
        var loaded = ConfigurationLayers.Load(settings, _run.Context);
        Assert.Empty(loaded.Problems);
        return loaded.Section;
    }
}
