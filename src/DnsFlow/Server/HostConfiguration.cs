using Microsoft.Extensions.Configuration;

namespace DnsFlow.Server;

/// <summary>The configuration of the host, as it is when it is asked for; the host reads its files anew by itself.</summary>
/// <param name="section">The section <c>DnsFlow</c>, or the root it is in.</param>
/// <param name="root">The root of the section, where it is known.</param>
/// <param name="baseFolder">The folder that file names are relative to.</param>
public sealed class HostConfiguration(IConfiguration section, IConfigurationRoot? root, string baseFolder) : IProxyConfigurationSource
{
    /// <inheritdoc/>
    public ConfigurationInput Load() => new(section, root, baseFolder, []);
}
