namespace DnsFlow.Service.Configuration;

/// <summary>Reads the query rules of the last layer that has any, as keys and values below the list; layers do not mix lists.</summary>
internal sealed class RuleReader(IConfigurationRoot root)
{
    private const string Rules = ConfigurationLayers.SectionName + ":QueryRules";

    /// <summary>The rules in order, each as its keys (<c>When:Domains:0</c>) and values; empty when none are configured.</summary>
    public IReadOnlyList<IReadOnlyList<KeyValuePair<string, string?>>> Read()
    {
        foreach (var provider in root.Providers.Reverse())
        {
            var numbers = provider.GetChildKeys([], Rules).Distinct().Where(key => int.TryParse(key, out _)).OrderBy(int.Parse).ToList();
            if (numbers.Count > 0)
            {
                return [.. numbers.Select(number => Rule(provider, number))];
            }
        }

        return [];
    }

    private static List<KeyValuePair<string, string?>> Rule(IConfigurationProvider provider, string number)
    {
        var values = new List<KeyValuePair<string, string?>>();
        Collect(provider, ConfigurationPath.Combine(Rules, number), "", values);
        return values;
    }

    private static void Collect(IConfigurationProvider provider, string path, string key, List<KeyValuePair<string, string?>> values)
    {
        if (provider.TryGet(path, out var value))
        {
            values.Add(new(key, value));
        }

        foreach (var child in provider.GetChildKeys([], path).Distinct())
        {
            Collect(provider, ConfigurationPath.Combine(path, child), key.Length == 0 ? child : ConfigurationPath.Combine(key, child), values);
        }
    }
}
