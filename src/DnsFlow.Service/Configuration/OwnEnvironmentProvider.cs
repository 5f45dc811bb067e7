using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace DnsFlow.Service.Configuration;

/// <summary>
/// Settings from the environment: <c>DNSFLOW__CACHE__MAXBYTES=64MB</c>. Other variables are left out; a variable such as <c>URLS</c> would
/// be a setting of the HTTP server.
/// </summary>
internal sealed class OwnEnvironmentProvider : EnvironmentVariablesConfigurationProvider
{
    /// <inheritdoc/>
    public override void Load()
    {
        base.Load();
        Data = Data.Where(pair => pair.Key.StartsWith(ConfigurationLayers.SectionName + ":", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
