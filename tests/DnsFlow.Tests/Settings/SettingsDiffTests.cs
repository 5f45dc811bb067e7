using DnsFlow.Server;
using DnsFlow.Settings;

namespace DnsFlow.Tests.Settings;

public class SettingsDiffTests
{
    [Theory]
    [InlineData(""" "Shards": 2 """, """ "Shards": 4 """, "~ Shards                   2 -> 4   (at the next start)")]
    [InlineData("", """ "Cache": { "MaxTtl": "1h" } """, "~ Cache                    MaxTtl default -> 1h   (at the next start)")]
    [InlineData(""" "Blocking": { "Ttl": "60s" } """, """ "Blocking": { "Ttl": "1m" } """, null)]
    [InlineData(""" "Upstreams": { "a": { "Servers": ["9.9.9.9"] } } """, """ "Upstreams": { "A": { "Servers": "9.9.9.9" } } """, null)]
    [InlineData("", """ "Upstreams": { "guest": { "Servers": ["9.9.9.9"] } } """, "+ Upstreams 'guest'        { Servers [9.9.9.9] }")]
    [InlineData(""" "Zones": { "a": { "File": "a.zone" } } """, "", "- Zones 'a'                { File a.zone }")]
    [InlineData(""" "QueryRules": [ { "Name": "ads", "When": { "NotClients": ["builds"] }, "Action": "block" } ] """, """ "QueryRules": [ { "Name": "ads", "When": { "NotClients": [] }, "Action": "block" } ] """, "~ QueryRules 'ads'         When:NotClients [builds] -> []")]
    [InlineData(""" "QueryRules": [ { "Name": "a" }, { "Name": "b" }, { "Name": "c" } ] """, """ "QueryRules": [ { "Name": "c" }, { "Name": "a" }, { "Name": "b" } ] """, "> QueryRules 'c'           place 3 -> 1")]
    [InlineData(""" "QueryRules": [ { "Name": "a", "To": "x" } ] """, """ "QueryRules": [ { "Name": "a", "To": "y" } ] """, "~ QueryRules 'a'           To x -> y")]
    public void Compare_OneDifference_IsOneLine(string before, string after, string? expected)
        => Assert.Equal(expected is null ? [] : [expected], Compare(before, after).Select(change => change.ToString()));

    [Fact]
    public void Compare_SameTwice_IsEmpty()
    {
        var settings = File.ReadAllText(Path.Combine(Repository.SourceTree.Root, "appsettings.json"));
        var (left, right) = (SettingsText.Layers(settings), SettingsText.Layers(settings));
        Assert.Empty(SettingsDiff.Compare(ProxySettings.Shape, SettingsLayers.Read(left, "DnsFlow"), SettingsLayers.Read(right, "DnsFlow")));
    }

    private static IReadOnlyList<SettingsChange> Compare(string before, string after)
        => SettingsDiff.Compare(ProxySettings.Shape, Tree(before), Tree(after));

    private static SettingsNode Tree(string settings) => SettingsLayers.Read(SettingsText.Layers($$"""{ "DnsFlow": { {{settings}} } }"""), "DnsFlow");
}
