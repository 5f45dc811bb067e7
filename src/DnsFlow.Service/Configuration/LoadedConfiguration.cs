using DnsFlow.Server;
using DnsFlow.Settings;

namespace DnsFlow.Service.Configuration;

/// <summary>The configuration of all layers.</summary>
/// <param name="Root">The layers; the section <c>DnsFlow</c> is ours.</param>
/// <param name="BaseFolder">The folder that file names in the configuration are relative to.</param>
/// <param name="Problems">Files that cannot be read and flags that make no sense, one line each; then nothing else is to be used.</param>
internal sealed record LoadedConfiguration(IConfigurationRoot Root, string BaseFolder, IReadOnlyList<string> Problems)
{
    /// <summary>The section of the proxy.</summary>
    public IConfigurationSection Section => Root.GetSection(ConfigurationLayers.SectionName);

    /// <summary>What can be read of it; what cannot is noted in <paramref name="errors"/>.</summary>
    public ProxyOptions Options(SettingsErrors errors)
    {
        ProxyOptions.TryRead(Section, out var options, errors, Root);
        return options;
    }

    /// <summary>What the server judges.</summary>
    public ConfigurationInput Input => new(Root, Root, BaseFolder, Problems);
}
