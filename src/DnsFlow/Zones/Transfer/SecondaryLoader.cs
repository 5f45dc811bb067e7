using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Settings;

namespace DnsFlow.Zones.Transfer;

/// <summary>Makes ready what a zone with primaries needs: its key and the last good version on disk.</summary>
internal static class SecondaryLoader
{
    /// <summary>Reads the options; null when <paramref name="errors"/> got something.</summary>
    /// <param name="name">The zone's name in the configuration.</param>
    /// <param name="key">Its path, for errors.</param>
    /// <param name="options">Its options.</param>
    /// <param name="stateFolder">Where versions are kept that have no file of their own.</param>
    /// <param name="maxMemory">The most octets that all zones may take.</param>
    /// <param name="errors">Where errors go.</param>
    public static SecondarySettings? Read(string name, string key, ZoneOptions options, string stateFolder, long maxMemory, ZoneErrors errors)
    {
        if (options.HostsFile is { Length: > 0 } || !DomainName.TryParse(options.Origin ?? "", DomainName.Root, out var origin, out _))
        {
            errors.Add(key, 0, "a zone with Primaries needs an Origin and has no HostsFile");
            return null;
        }

        var primaries = new List<FlowEndpoint>();
        foreach (var text in options.Primaries)
        {
            if (EndpointText.TryParse(text, out var endpoint, out var problem))
            {
                primaries.Add(FlowEndpoint.From(endpoint.Address, endpoint.Port));
            }
            else
            {
                errors.Add(key + ":Primaries", 0, $"'{text}': {problem}");
            }
        }

        TsigKey? secret = null;
        if (options.TsigKeyFile is { Length: > 0 } file && !TsigKeyFile.TryRead(file, out secret, out var keyError))
        {
            errors.Add(file, 0, keyError);
        }

        var apex = new byte[origin.Length];
        WireName.ToLower(origin.Wire, apex);
        return errors.Any ? null : new SecondarySettings
        {
            Name = name,
            Apex = apex,
            Primaries = primaries,
            Key = secret,
            CopyPath = options.File is { Length: > 0 } copy ? copy : Path.Combine(stateFolder, "zones", name + ".zone"),
            MaxRecords = options.MaxRecords,
            MaxBytes = options.MaxBytes,
            MaxMemory = maxMemory,
        };
    }
}
