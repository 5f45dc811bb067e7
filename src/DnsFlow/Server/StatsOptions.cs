namespace DnsFlow.Server;

/// <summary>The statistics (<c>DnsFlow:Stats</c>).</summary>
public sealed class StatsOptions
{
    /// <summary>Where they are served by HTTP; loopback only. Empty = nowhere. Default <c>http://127.0.0.1:9953</c>.</summary>
    public IReadOnlyList<string> Endpoints { get; set; } = ["http://127.0.0.1:9953"];

    /// <summary>Whether <c>/metrics</c> is served. Default true.</summary>
    public bool Prometheus { get; set; } = true;
}
