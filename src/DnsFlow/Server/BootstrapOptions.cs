namespace DnsFlow.Server;

/// <summary>Who resolves the names that the proxy itself needs (<c>DnsFlow:Bootstrap</c>).</summary>
public sealed class BootstrapOptions
{
    /// <summary>Servers asked over UDP for the hosts of lists and upstreams, never through this proxy: addresses, port 53 unless given.</summary>
    public IReadOnlyList<string> Servers { get; set; } = [];
}
