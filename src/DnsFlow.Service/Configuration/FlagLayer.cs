using System.Globalization;
using DnsFlow.Service.Commands;

namespace DnsFlow.Service.Configuration;

/// <summary>Turns the flags into configuration keys, so that one validator judges all.</summary>
internal static class FlagLayer
{
    private const string Section = ConfigurationLayers.SectionName;

    /// <summary>The keys and values of the flags; a flag that cannot be split is added to <paramref name="problems"/>.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> Build(StartSettings settings, RuleReader rules, List<string> problems)
    {
        var keys = new List<KeyValuePair<string, string?>>();
        AddList(keys, $"{Section}:Listeners:local:Endpoints", settings.Listen);
        AddValue(keys, $"{Section}:Listeners:local:Certificate", Absolute(settings.Certificate));
        AddValue(keys, $"{Section}:Listeners:local:Key", Absolute(settings.Key));
        AddValue(keys, $"{Section}:Listeners:local:SelfSigned", settings.SelfSigned ? "true" : null);
        AddUpstreams(keys, settings.Upstreams, rules, problems);
        AddValue(keys, $"{Section}:Cache:MaxBytes", settings.CacheSize);
        AddValue(keys, $"{Section}:Shards", settings.Shards);
        if (settings.Stats is { } stats)
        {
            AddList(keys, $"{Section}:Stats:Endpoints", stats == "off" ? [""] : [stats]);
        }

        return keys;
    }

    private static void AddUpstreams(List<KeyValuePair<string, string?>> keys, IReadOnlyList<string> upstreams, RuleReader rules, List<string> problems)
    {
        var flags = new List<UpstreamFlag>();
        foreach (var text in upstreams)
        {
            if (UpstreamFlag.TryParse(text, out var flag, out var problem))
            {
                flags.Add(flag);
            }
            else
            {
                problems.Add($"-u '{text}': {problem}");
            }
        }

        AddList(keys, $"{Section}:Upstreams:default:Servers", [.. flags.Where(flag => flag.Domains.Count == 0).Select(flag => flag.Server)]);
        var groups = flags.Where(flag => flag.Domains.Count > 0).GroupBy(flag => string.Join('/', flag.Domains)).ToList();
        var number = 0;
        foreach (var group in groups)
        {
            var name = $"flag{number + 1}";
            var rule = $"{Section}:QueryRules:{number++}";
            AddList(keys, $"{Section}:Upstreams:{name}:Servers", [.. group.Select(flag => flag.Server)]);
            AddValue(keys, $"{rule}:Name", name);
            AddList(keys, $"{rule}:When:Domains", group.First().Domains);
            AddValue(keys, $"{rule}:Action", "forward");
            AddValue(keys, $"{rule}:To", name);
            AddValue(keys, $"{rule}:Overrides", "true");        // a rule of the configuration for the same domains is no mistake
        }

        if (groups.Count > 0)
        {
            AddOtherRules(keys, number, rules.Read());
        }
    }

    // A list replaces the whole list of earlier layers, so their rules are repeated behind those of the flags.
    private static void AddOtherRules(List<KeyValuePair<string, string?>> keys, int number, IReadOnlyList<IReadOnlyList<KeyValuePair<string, string?>>> others)
    {
        foreach (var rule in others)
        {
            foreach (var (key, value) in rule)
            {
                AddValue(keys, key.Length == 0 ? $"{Section}:QueryRules:{number}" : $"{Section}:QueryRules:{number}:{key}", value);
            }

            number++;
        }

        if (others.Count == 0)
        {
            AddValue(keys, $"{Section}:QueryRules:{number}:Name", "rest");
            AddValue(keys, $"{Section}:QueryRules:{number}:Action", "forward");
            AddValue(keys, $"{Section}:QueryRules:{number}:To", "default");
        }
    }

    private static void AddList(List<KeyValuePair<string, string?>> keys, string path, IReadOnlyList<string> values)
    {
        // A list that is empty on purpose has the value "" itself, as the JSON reader writes it.
        if (values is [""])
        {
            keys.Add(new(path, ""));
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            keys.Add(new(path + ":" + i.ToString(CultureInfo.InvariantCulture), values[i]));
        }
    }

    // What a person writes on the command line is relative to where that person is, not to the configuration file.
    private static string? Absolute(string? file) => file is { Length: > 0 } ? Path.GetFullPath(file) : file;

    private static void AddValue(List<KeyValuePair<string, string?>> keys, string path, string? value)
    {
        if (value is not null)
        {
            keys.Add(new(path, value));
        }
    }
}
