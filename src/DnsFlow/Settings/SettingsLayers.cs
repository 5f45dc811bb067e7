using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace DnsFlow.Settings;

/// <summary>Reads a section of a configuration layer by layer into one tree of <see cref="SettingsNode"/>.</summary>
internal static class SettingsLayers
{
    /// <summary>The merged tree below <paramref name="path"/>; later providers win. An empty node when no layer has it.</summary>
    public static SettingsNode Read(IConfigurationRoot root, string path)
    {
        var merged = new SettingsNode(ConfigurationPath.GetSectionKey(path), null, null, []);
        foreach (var provider in Flatten(root))
        {
            var layer = ReadLayer(provider, path, ConfigurationPath.GetSectionKey(path), SourceOf(provider));
            if (layer is not null)
            {
                merged = merged.Under(layer);
            }
        }

        return merged;
    }

    /// <summary>The tree of a section whose layers are not to be had: lists come as the stock configuration mixed them, without sources.</summary>
    public static SettingsNode ReadMerged(IConfigurationSection section) =>
        new(section.Key, section.Value, null, Sort([.. section.GetChildren().Select(ReadMerged)]));

    // A host may chain a configuration into another one; its layers count as if they stood here.
    private static IEnumerable<IConfigurationProvider> Flatten(IConfigurationRoot root) =>
        root.Providers.SelectMany(static provider =>
            provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot inner } ? Flatten(inner) : [provider]);

    private static SettingsNode? ReadLayer(IConfigurationProvider provider, string path, string key, SettingsSource? source)
    {
        var hasValue = provider.TryGet(path, out var value);
        // JSON has either a value or something below; not to ask saves a walk over all keys of the file for each value.
        if (hasValue && value is { Length: > 0 } && provider is JsonConfigurationProvider)
        {
            return new SettingsNode(key, value, source, []);
        }

        var children = new List<SettingsNode>();
        foreach (var child in provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (ReadLayer(provider, ConfigurationPath.Combine(path, child), child, source) is { } node)
            {
                children.Add(node);
            }
        }

        return hasValue || children.Count > 0 ? new SettingsNode(key, value, source, Sort(children)) : null;
    }

    private static List<SettingsNode> Sort(List<SettingsNode> children)
    {
        children.Sort(static (left, right) => SettingsNode.IsNumber(left.Key) && SettingsNode.IsNumber(right.Key)
            ? int.Parse(left.Key, System.Globalization.CultureInfo.InvariantCulture).CompareTo(
                int.Parse(right.Key, System.Globalization.CultureInfo.InvariantCulture))
            : string.Compare(left.Key, right.Key, StringComparison.OrdinalIgnoreCase));
        return children;
    }

    private static SettingsSource? SourceOf(IConfigurationProvider provider) => provider switch
    {
        FileConfigurationProvider file => new(file.Source.Path ?? "", file.Source.FileProvider?.GetFileInfo(file.Source.Path ?? "").PhysicalPath),
        EnvironmentVariablesConfigurationProvider => new("environment", null),
        CommandLineConfigurationProvider => new("command line", null),
        _ => null,
    };
}
