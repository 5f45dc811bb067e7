using System.Collections;
using System.Text.RegularExpressions;
using DnsFlow.Policy;
using DnsFlow.Server;
using DnsFlow.Server.Listening;
using DnsFlow.Settings;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Service;

/// <summary>docs/configuration.md names every key that can be set, no other, and the defaults that are true.</summary>
public partial class ConfigurationReferenceTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.SourceTree.Root, "docs", "configuration.md"));

    public static IEnumerable<object[]> Defaults
        => Rows().Where(row => row.Default.Length > 0).Select(row => new object[] { row.Path, row.Default });

    [Fact]
    public void Reference_Keys_AreThoseOfTheShape()
    {
        var documented = Rows().Select(row => row.Path).Where(path => !path.EndsWith(":When", StringComparison.Ordinal)).ToList();
        Assert.Equal(documented.Distinct().Count(), documented.Count);
        Assert.Equal(Paths(ProxySettings.Shape, "").Where(path => !path.Contains(":When:")).Order(), documented.Order());
    }

    [Fact]
    public void Reference_Conditions_AreThoseOfTheShape()
    {
        // Conditions inside of Any and Not are the same once more.
        var expected = Paths(ProxySettings.Shape, "").Where(path => path.Contains(":When:"))
            .Select(path => Inner().Replace(path[path.IndexOf("When:", StringComparison.Ordinal)..], "")).Append("When:Any").Append("When:Not").Distinct();
        Assert.Equal(expected.Order(), Conditions().Matches(Text).Select(match => match.Groups[1].Value).Order());
    }

    [Fact]
    public void Reference_Actions_AreThoseOfTheLibraryWithTheirKeys()
    {
        var documented = Text.Split('\n').SkipWhile(line => !line.StartsWith("| action |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Name: cells[1].Trim('`'), Keys: Keys().Matches(cells[2]).Select(match => match.Groups[1].Value).ToList())).ToList();
        Assert.Equal(QueryActionCatalog.BuiltIn.Names.Order(), documented.Select(action => action.Name).Order());
        foreach (var (name, keys) in documented)
        {
            var factory = QueryActionCatalog.BuiltIn.Find(name);
            Assert.Equal(factory!.Shape.Keys.Select(key => key.Name), keys);
        }
    }

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Reference_Default_IsTheOneInForce(string path, string value)
    {
        var key = path.Replace("NAME", "default");
        var errors = new SettingsErrors();
        var section = new ConfigurationBuilder().AddInMemoryCollection([new("DnsFlow:" + key, value)]).Build().GetSection("DnsFlow");
        ProxyOptions.TryRead(section, out var written, errors);
        Assert.DoesNotContain(errors, error => error.Path.EndsWith(key, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(Value(Fresh(), path), Value(written, path));
    }

    // Options with every named thing once, as they are when nothing is said about it.
    private static ProxyOptions Fresh()
    {
        var options = new ProxyOptions();
        options.Listeners["default"] = new ListenerOptions();
        options.Schedules["default"] = new DnsFlow.Clients.ScheduleOptions();
        options.Lists["default"] = new DnsFlow.Lists.ListOptions();
        options.Upstreams["default"] = new DnsFlow.Upstreams.UpstreamGroupOptions();
        options.Zones["default"] = new DnsFlow.Zones.ZoneOptions();
        return options;
    }

    private static object? Value(object? target, string path)
    {
        foreach (var part in path.Split(':').Where(part => part != "Health"))
        {
            target = part == "NAME" ? ((IDictionary)target!)["default"] : target!.GetType().GetProperty(part)!.GetValue(target);
        }

        return target;
    }

    private static IEnumerable<string> Paths(SettingsShape shape, string prefix)
        => shape.Keys.Where(key => key.Form != SettingsKeyForm.Later).SelectMany(key => key.Form switch
        {
            SettingsKeyForm.Map => Paths(key.Shape!, prefix + key.Name + ":NAME:"),
            SettingsKeyForm.ObjectList => Paths(key.Shape!, prefix + key.Name + ":N:"),
            SettingsKeyForm.Object => Paths(key.Shape!, prefix + key.Name + ":"),
            _ => [prefix + key.Name],
        });

    private static IEnumerable<(string Path, string Default)> Rows()
        => KeyRow().Matches(Text).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Trim('`')));

    [GeneratedRegex(@"^\| `([A-Z][\w:]*)` \| ?(`[^`]+`)? ?\|", RegexOptions.Multiline)]
    private static partial Regex KeyRow();

    [GeneratedRegex(@"^\| `(When:\w+)` \| (?:flow|question|answer) \|", RegexOptions.Multiline)]
    private static partial Regex Conditions();

    [GeneratedRegex(@"(?<=When:)(Any:N:|Not:)+")]
    private static partial Regex Inner();

    [GeneratedRegex(@"`([A-Z]\w*)`")]
    private static partial Regex Keys();
}
