namespace DnsFlow.Zones;

/// <summary>
/// One entry of <c>DnsFlow:Zones</c>: a zone file, a hosts file, or a zone that is transferred. One of <see cref="File"/>, <see cref="HostsFile"/> and
/// <see cref="Primaries"/> is set; <see cref="File"/> beside <see cref="Primaries"/> is where the last good version is kept.
/// </summary>
public sealed class ZoneOptions
{
    /// <summary>The most records of a zone unless <see cref="MaxRecords"/> says otherwise.</summary>
    public const int DefaultMaxRecords = 1_000_000;

    /// <summary>The highest value of <see cref="MaxRecords"/>.</summary>
    public const int HighestMaxRecords = 5_000_000;

    /// <summary>The apex of the zone, as in <c>home.arpa</c>. Without it the file's name says it, or its SOA record does.</summary>
    public string? Origin { get; set; }

    /// <summary>A master file (RFC 1035 section 5), at most 64 MiB.</summary>
    public string? File { get; set; }

    /// <summary>A hosts file: lines of an address and names. Answers A, AAAA and PTR for what is in it and knows nothing else.</summary>
    public string? HostsFile { get; set; }

    /// <summary>Whom the zone is transferred from, in the order they are asked: addresses like <c>192.0.2.1</c> and <c>[2001:db8::1]:53</c>.</summary>
    public IReadOnlyList<string> Primaries { get; set; } = [];

    /// <summary>A file with the key that transfers are signed with (TSIG, RFC 8945), as <c>tsig-keygen</c> writes it; mode 0600 or less.</summary>
    public string? TsigKeyFile { get; set; }

    /// <summary>The most octets of one transfer, 64 KB to 1 GB.</summary>
    public long MaxBytes { get; set; } = 256L << 20;

    /// <summary>Whether addresses of the file are answered in reverse too (PTR); unset = for a hosts file yes, for a zone file no.</summary>
    public bool? Reverse { get; set; }

    /// <summary>The most records the zone may have, 1 to 5,000,000; a zone with more is refused.</summary>
    public int MaxRecords { get; set; } = DefaultMaxRecords;
}
