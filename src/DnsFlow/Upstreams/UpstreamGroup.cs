namespace DnsFlow.Upstreams;

/// <summary>A named list of servers that stand in for each other.</summary>
internal sealed class UpstreamGroup(string name, uint partition, UpstreamGroupOptions options)
{
    /// <summary>The group's name in the configuration.</summary>
    public string Name { get; } = name;

    /// <summary>Keeps the group's cached responses apart.</summary>
    public uint Partition { get; } = partition;

    /// <summary>Its settings.</summary>
    public UpstreamGroupOptions Options { get; } = options;
}
