namespace DnsFlow.Zones;

/// <summary>One entry of <c>DnsFlow:Zones</c>: a zone file or a hosts file. Exactly one of <see cref="File"/> and <see cref="HostsFile"/> is set.</summary>
public sealed class ZoneOptions
{
    /// <summary>The apex of the zone, as in <c>home.arpa</c>. Without it the file's name says it, or its SOA record does.</summary>
    public string? Origin { get; set; }

    /// <summary>A master file (RFC 1035 section 5), at most 64 MiB.</summary>
    public string? File { get; set; }

    /// <summary>A hosts file: lines of an address and names. Answers A, AAAA and PTR for what is in it and knows nothing else.</summary>
    public string? HostsFile { get; set; }
}
