using DnsFlow.Service.Configuration;

namespace DnsFlow.Service.Endpoints;

/// <summary>Reads where statistics are served (<c>DnsFlow:Stats:Endpoints</c>).</summary>
internal static class HttpEndpoints
{
    private const string Path = ConfigurationLayers.SectionName + ":Stats:Endpoints";

    /// <summary>The endpoints; the default one when nothing is said, none when the list is empty. Wrong ones are added to <paramref name="errors"/>.</summary>
    public static IReadOnlyList<HttpEndpoint> Read(LoadedConfiguration configuration, List<string> errors)
    {
        var endpoints = new List<HttpEndpoint>();
        var addresses = Addresses(configuration);
        for (var i = 0; i < addresses.Count; i++)
        {
            if (HttpEndpoint.TryParse(addresses[i], out var endpoint, out var error))
            {
                endpoints.Add(endpoint);
            }
            else
            {
                errors.Add($"{Path}:{i}  {error}");
            }
        }

        return endpoints;
    }

    /// <summary>The addresses as written, of the last layer that has any: layers do not mix lists.</summary>
    public static IReadOnlyList<string> Addresses(LoadedConfiguration configuration)
    {
        foreach (var provider in configuration.Root.Providers.Reverse())
        {
            var numbers = provider.GetChildKeys([], Path).Distinct().Where(key => int.TryParse(key, out _)).OrderBy(int.Parse).ToList();
            if (numbers.Count > 0)
            {
                return [.. numbers.Select(number => provider.TryGet($"{Path}:{number}", out var value) ? value ?? "" : "")];
            }

            if (provider.TryGet(Path, out var list) && list is not null)
            {
                return list.Length == 0 ? [] : [list];
            }
        }

        return [HttpEndpoint.Default];
    }
}
