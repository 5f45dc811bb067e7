using System.Globalization;
using System.Text.RegularExpressions;

namespace DnsFlow.Tests.Telemetry;

/// <summary>An independent, strict reader of the text exposition format 0.0.4; throws <see cref="FormatException"/> at what a scraper may refuse.</summary>
internal static partial class PrometheusParser
{
    public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
    {
        public string Key(string? without = null)
            => Name + string.Concat(Labels.Where(label => label.Key != without).OrderBy(label => label.Key).Select(label => $"|{label.Key}={label.Value}"));
    }

    public sealed class Family
    {
        public string Type { get; set; } = "untyped";

        public string? Help { get; set; }

        public List<Sample> Samples { get; } = [];
    }

    public static Dictionary<string, Family> Parse(string text)
    {
        Require(text.EndsWith('\n'), "the last line must end");
        var families = new Dictionary<string, Family>();
        var order = new List<string>();
        foreach (var line in text[..^1].Split('\n'))
        {
            Require(line.Length > 0 && line == line.Trim(), $"blank or padded line '{line}'");
            if (line.StartsWith('#'))
            {
                Comment(line, families, order);
            }
            else
            {
                AddSample(ReadSample(line), families, order);
            }
        }

        foreach (var (name, family) in families)
        {
            CheckFamily(name, family);
        }

        return families;
    }

    private static void Comment(string line, Dictionary<string, Family> families, List<string> order)
    {
        var match = CommentLine().Match(line);
        Require(match.Success, $"neither HELP nor TYPE: '{line}'");
        var name = match.Groups["name"].Value;
        if (!families.TryGetValue(name, out var family))
        {
            families[name] = family = new Family();
            order.Add(name);
        }

        Require(order[^1] == name, $"{name} is not in one piece");
        if (match.Groups["kind"].Value == "HELP")
        {
            Require(family.Help is null, $"two HELP lines for {name}");
            family.Help = match.Groups["rest"].Value;
        }
        else
        {
            Require(family.Type == "untyped" && family.Samples.Count == 0, $"TYPE of {name} is late or twice");
            Require(match.Groups["rest"].Value is "counter" or "gauge" or "histogram", $"type of {name}");
            family.Type = match.Groups["rest"].Value;
        }
    }

    private static Sample ReadSample(string line)
    {
        var match = SampleLine().Match(line);
        Require(match.Success, $"not a sample: '{line}'");
        var labels = new Dictionary<string, string>();
        foreach (Capture label in match.Groups["label"].Captures)
        {
            var (name, value) = (label.Value[..label.Value.IndexOf('=')], label.Value[(label.Value.IndexOf('=') + 2)..^1]);
            Require(labels.TryAdd(name, Regex.Replace(value, @"\\(.)", found => found.Groups[1].Value == "n" ? "\n" : found.Groups[1].Value)), $"label {name} twice: '{line}'");
        }

        var number = match.Groups["value"].Value switch { "+Inf" => double.PositiveInfinity, var other => double.Parse(other, NumberStyles.Float, CultureInfo.InvariantCulture) };
        return new Sample(match.Groups["name"].Value, labels, number);
    }

    private static void AddSample(Sample sample, Dictionary<string, Family> families, List<string> order)
    {
        Require(order.Count > 0, "a sample before any TYPE");
        var family = families[order[^1]];
        var allowed = family.Type == "histogram" ? ["_bucket", "_sum", "_count"] : new[] { "" };
        Require(allowed.Any(suffix => sample.Name == order[^1] + suffix), $"{sample.Name} stands below {order[^1]}");
        family.Samples.Add(sample);
    }

    private static void CheckFamily(string name, Family family)
    {
        Require(family.Help is not null && family.Type != "untyped", $"{name} lacks HELP or TYPE");
        Require(family.Type != "counter" || name.EndsWith("_total", StringComparison.Ordinal), $"counter {name} does not end in _total");
        Require(family.Type == "counter" || !name.EndsWith("_total", StringComparison.Ordinal), $"{name} is no counter");
        Require(family.Samples.Select(sample => sample.Key()).Distinct().Count() == family.Samples.Count, $"{name} has the same series twice");
        Require(family.Type != "counter" || family.Samples.All(sample => sample.Value >= 0), $"{name} is negative");
        if (family.Type == "histogram")
        {
            CheckHistogram(name, family);
        }
    }

    private static void CheckHistogram(string name, Family family)
    {
        foreach (var series in family.Samples.Where(sample => sample.Name == name + "_bucket").GroupBy(sample => sample.Key("le")[(name.Length + "_bucket".Length)..]))
        {
            var bounds = series.Select(sample => sample.Labels["le"] == "+Inf" ? double.PositiveInfinity : double.Parse(sample.Labels["le"], CultureInfo.InvariantCulture)).ToList();
            Require(bounds.Zip(bounds.Skip(1)).All(pair => pair.First < pair.Second) && double.IsPositiveInfinity(bounds[^1]), $"bounds of {name}");
            var counts = series.Select(sample => sample.Value).ToList();
            Require(counts.Zip(counts.Skip(1)).All(pair => pair.First <= pair.Second), $"buckets of {name} fall");
            var total = family.Samples.Single(sample => sample.Key() == name + "_count" + series.Key);
            Require(total.Value == counts[^1], $"{name}_count is not the last bucket");
            Require(family.Samples.Any(sample => sample.Key() == name + "_sum" + series.Key), $"{name}_sum is missing");
        }
    }

    private static void Require(bool isTrue, string otherwise)
    {
        if (!isTrue)
        {
            throw new FormatException(otherwise);
        }
    }

    [GeneratedRegex(@"^# (?<kind>HELP|TYPE) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<rest>.+)$")]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*=""([^""\\\n]|\\[\\""n])*"")(,(?!\})|(?=\})))+\})? (?<value>-?[0-9.]+([eE][-+]?[0-9]+)?|\+Inf)$")]
    private static partial Regex SampleLine();
}
