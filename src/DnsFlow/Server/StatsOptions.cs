using DnsFlow.Server.QueryLogs;

namespace DnsFlow.Server;

/// <summary>The statistics (<c>DnsFlow:Stats</c>).</summary>
public sealed class StatsOptions
{
    /// <summary>
    /// Where they are served: by HTTP, on other addresses than loopback with <see cref="TokenFile"/> only, and by Unix sockets (<c>unix:/run/dnsflow/control.sock</c>).
    /// Empty = nowhere. Default <c>http://127.0.0.1:9953</c>.
    /// </summary>
    public IReadOnlyList<string> Endpoints { get; set; } = ["http://127.0.0.1:9953"];

    /// <summary>
    /// A file of mode 0600 with a token of 128 bits at least. Who sends it as <c>Authorization: Bearer</c> may change things over HTTP, and read over a network.
    /// Null = only the control socket may change things.
    /// </summary>
    public string? TokenFile { get; set; }

    /// <summary>Whether there is a control socket at the default place when <see cref="Endpoints"/> name none. Default true.</summary>
    public bool ControlSocket { get; set; } = true;

    /// <summary>Whether <c>/metrics</c> is served. Default true.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>How much the query log and the list of flows say of clients. Default their networks alone.</summary>
    public PrivacyLevel Privacy { get; set; } = PrivacyLevel.Anonymous;

    /// <summary>The query log.</summary>
    public QueryLogOptions QueryLog { get; set; } = new();
}
