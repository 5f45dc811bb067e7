using DnsFlow.Flows;

namespace DnsFlow.Zones.Transfer;

/// <summary>A zone that is transferred from elsewhere.</summary>
internal sealed record SecondarySettings
{
    /// <summary>Its name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The apex in wire form, lower case.</summary>
    public required byte[] Apex { get; init; }

    /// <summary>Whom to ask, in this order.</summary>
    public required IReadOnlyList<FlowEndpoint> Primaries { get; init; }

    /// <summary>The key that messages are signed with; null = none.</summary>
    public TsigKey? Key { get; init; }

    /// <summary>Where the last good version is kept.</summary>
    public required string CopyPath { get; init; }

    /// <summary>The most records.</summary>
    public required int MaxRecords { get; init; }

    /// <summary>The most octets that the records of one version may take while they are read.</summary>
    public long MaxMemory { get; init; } = long.MaxValue;

    /// <summary>The most octets of one transfer.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>Whether an address is a primary's, whatever the port.</summary>
    public bool IsPrimary(FlowEndpoint client)
    {
        foreach (var primary in Primaries)
        {
            if (primary.High == client.High && primary.Low == client.Low)
            {
                return true;
            }
        }

        return false;
    }
}
