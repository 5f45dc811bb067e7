namespace DnsFlow.Service.Commands;

/// <summary>What the flags of a start said, as written.</summary>
internal sealed record StartSettings
{
    /// <summary>Addresses to listen on; empty = as configured.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>The certificate for what is encrypted; null = as configured.</summary>
    public string? Certificate { get; init; }

    /// <summary>Its private key.</summary>
    public string? Key { get; init; }

    /// <summary>Whether one is made when there is none.</summary>
    public bool SelfSigned { get; init; }

    /// <summary>Servers to ask; empty = as configured.</summary>
    public IReadOnlyList<string> Upstreams { get; init; } = [];

    /// <summary>A configuration file; null = none but the default ones.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The size of the cache.</summary>
    public string? CacheSize { get; init; }

    /// <summary>Where statistics are served.</summary>
    public string? Stats { get; init; }

    /// <summary>How many threads answer datagrams.</summary>
    public string? Shards { get; init; }

    /// <summary>Whether any flag says something about the configuration.</summary>
    public bool IsAny => Listen.Count > 0 || Upstreams.Count > 0 || SelfSigned || (Certificate ?? Key ?? ConfigFile ?? CacheSize ?? Stats ?? Shards) is not null;

    /// <summary>How much is said.</summary>
    public Verbosity Verbosity { get; init; }
}
