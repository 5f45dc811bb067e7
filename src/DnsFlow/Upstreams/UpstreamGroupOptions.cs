using System.Net;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Transports.Dialing;
using DnsFlow.Transports.Quic;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Upstreams;

/// <summary>One upstream group (<c>DnsFlow:Upstreams:NAME</c>).</summary>
public sealed class UpstreamGroupOptions
{
    /// <summary>The servers in order: <c>9.9.9.9</c>, <c>udp://[2620:fe::fe]:53</c>, <c>tcp://9.9.9.9</c>, <c>tls://9.9.9.9#dns.quad9.net</c>, <c>https://dns.quad9.net/dns-query</c>, <c>quic://dns.quad9.net</c>, <c>h3://dns.quad9.net/dns-query</c>, <c>system:</c>.</summary>
    public IReadOnlyList<string> Servers { get; set; } = [];

    /// <summary>How often each server of <see cref="Servers"/> is asked beside the others, 1 to 1,000, where the strategy looks at it; empty = all alike.</summary>
    public IReadOnlyList<int> Weights { get; set; } = [];

    /// <summary>
    /// Who is asked first: <c>ordered</c> (default), <c>roundRobin</c>, <c>weighted</c>, <c>leastOutstanding</c>, <c>fastest</c>, <c>consistentHash</c>,
    /// <c>parallel</c> or <c>hedged</c>.
    /// </summary>
    public string Strategy { get; set; } = "ordered";

    /// <summary>The whole question, all attempts. Default 4.5 s; at most 30 s.</summary>
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(4.5);

    /// <summary>The longest wait for one attempt; shorter ones follow from the measured round trip. Default 1.5 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Packets per question at most. Range 1 to 3, default 3.</summary>
    public int Attempts { get; set; } = 3;

    /// <summary>Failures in a row that open the breaker of a server. Default 5.</summary>
    public int FailAfter { get; set; } = 5;

    /// <summary>How soon an open breaker lets one query try; doubles up to 10 s. Default 1 s.</summary>
    public TimeSpan ProbeEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>When a hedged group asks another server beside the first.</summary>
    public HedgeOptions Hedge { get; set; } = new();

    /// <summary>What the servers learn of clients' networks (RFC 7871). Default nothing.</summary>
    public SubnetPolicy ClientSubnet { get; set; } = new();

    /// <summary>Whether UDP servers are asked with DNS cookies (RFC 7873): a reply that does not show ours is not believed. Default false.</summary>
    public bool Cookies { get; set; }

    /// <summary>Whether UDP servers are asked in random letter case, which their reply has to repeat. Default false.</summary>
    public bool RandomCase { get; set; }

    /// <summary>Who finds out that a server is back. Default: a question of our own, while the group is in use.</summary>
    public ProbeMode Probe { get; set; } = ProbeMode.Lazy;

    /// <summary>What a probe asks for: the name servers of the root (<c>.</c>, default) or the address of another name.</summary>
    public string ProbeName { get; set; } = ".";

    /// <summary>The interface that everything leaves by, by name; it may come and go. Linux. Null = the routes choose.</summary>
    public string? Interface { get; set; }

    /// <summary>The address that everything leaves from; null = the system chooses.</summary>
    public IPAddress? SourceAddress { get; set; }

    /// <summary>The mark for routing rules that everything gets (SO_MARK, which needs CAP_NET_ADMIN). Linux. 0 = none.</summary>
    public uint Mark { get; set; }

    /// <summary>The proxy that connections go through: <c>socks5://127.0.0.1:1080</c> or <c>http://127.0.0.1:3128</c>; null = none. For <c>tcp://</c>, <c>tls://</c> and <c>https://</c>.</summary>
    public string? Proxy { get; set; }

    /// <summary>A file of certificates in PEM that are believed instead of the system's roots; null = the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>Keys of which the server's must be one: base64 of the SHA-256 of its SubjectPublicKeyInfo, <c>sha256/</c> before it or not. Empty = any key.</summary>
    public IReadOnlyList<string> Pins { get; set; } = [];

    /// <summary>Where sockets leave from.</summary>
    internal SocketOrigin Origin => SourceAddress is null && Interface is null && Mark == 0 ? SocketOrigin.Any : new SocketOrigin(SourceAddress, Interface, Mark);

    /// <summary>The query of a probe in wire form.</summary>
    internal byte[] MakeProbeQuery()
    {
        var name = DomainName.TryParse(ProbeName, DomainName.Root, out var parsed, out _) ? parsed : DomainName.Root;
        byte[] question = [.. name.Wire, 0, (byte)(name.Length == 1 ? RecordType.NS : RecordType.A), 0, (byte)RecordClass.IN];
        var query = new byte[UpstreamQueryWriter.MaxLength];
        return query[..UpstreamQueryWriter.Write(question, DnsHeader.RecursionDesiredBit, dnssecOk: false, query)];
    }

    /// <summary>Adds a line for every setting that is wrong, with its path below the group (<c>Servers:0: …</c>).</summary>
    public void Validate(ICollection<string> errors) => Validate(errors, QuicSupport.OfThisSystem);

    /// <summary>The same on a system that has QUIC or not; <paramref name="quic"/> is asked only when a server needs it.</summary>
    internal void Validate(ICollection<string> errors, QuicSupport quic)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (Servers.Count == 0)
        {
            errors.Add("Servers: a group needs at least one server, like 9.9.9.9 or system:");
        }

        for (var i = 0; i < Servers.Count; i++)
        {
            if (!UpstreamAddress.TryParse(Servers[i], out var address, out var error))
            {
                errors.Add($"Servers:{i}: '{Servers[i]}' {error}");
            }
            else if ((address.UsesQuic ? CheckQuic(address, quic) : CheckWay(address)) is { } problem)
            {
                errors.Add($"Servers:{i}: '{Servers[i]}' {problem}");
            }
        }

        if (Servers.Count > UpstreamGroup.MaxServers)
        {
            errors.Add($"Servers: {Servers.Count} servers; a group has {UpstreamGroup.MaxServers} at most");
        }

        if (Weights.Count != 0 && Weights.Count != Servers.Count)
        {
            errors.Add($"Weights: {Weights.Count} weights for {Servers.Count} servers; there is one for each, or none");
        }

        if (!UpstreamStrategies.TryCreate(this, out _))
        {
            errors.Add($"Strategy: '{Strategy}' is unknown; allowed are {string.Join(", ", UpstreamStrategies.Names)}");
        }

        Check(errors, nameof(Budget), Budget, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        Check(errors, nameof(AttemptTimeout), AttemptTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        Check(errors, nameof(ProbeEvery), ProbeEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(errors, nameof(Attempts), Attempts, 1, 3);
        Check(errors, nameof(FailAfter), FailAfter, 1, 1_000);
        Check(errors, "Hedge:After", Hedge.After ?? TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
        Check(errors, "Hedge:MaxExtra", Hedge.MaxExtra, 0, 1);
        for (var i = 0; i < Weights.Count; i++)
        {
            Check(errors, $"Weights:{i}", Weights[i], 1, 1_000);
        }

        if (!DomainName.TryParse(ProbeName, DomainName.Root, out _, out var reason))
        {
            errors.Add($"Health:ProbeName: '{ProbeName}' is not a domain name: {reason}");
        }

        ValidateWay(errors);
    }

    private void ValidateWay(ICollection<string> errors)
    {
        if (Interface is { Length: > 15 or 0 })
        {
            errors.Add($"Interface: '{Interface}' is not the name of an interface: 1 to 15 letters");
        }

        if (Interface is not null && !SocketOrigin.IsSupported)
        {
            errors.Add("Interface: this system cannot bind a socket to an interface; use SourceAddress");
        }

        if (Mark != 0 && !SocketOrigin.IsSupported)
        {
            errors.Add("Mark: this system has no marks");
        }

        if (Proxy is not null && !ProxyAddress.TryParse(Proxy, out _))
        {
            errors.Add($"Proxy: '{Proxy}' is not a proxy; allowed: socks5://127.0.0.1:1080 or http://127.0.0.1:3128, by address");
        }

        for (var i = 0; i < Pins.Count; i++)
        {
            if (!TlsTrust.IsPin(Pins[i]))
            {
                errors.Add($"Pins:{i}: '{Pins[i]}' is not a pin: the base64 of 32 octets, the SHA-256 of the server's SubjectPublicKeyInfo");
            }
        }

        var encrypted = Servers.Any(static server => UpstreamAddress.TryParse(server, out var address, out _) && address.IsEncrypted);
        if (!encrypted && CaFile is not null)
        {
            errors.Add("CaFile: no server of the group is asked over TLS or QUIC; it goes with tls://, https://, quic:// and h3://");
        }

        if (!encrypted && Pins.Count > 0)
        {
            errors.Add("Pins: no server of the group is asked over TLS or QUIC; they go with tls://, https://, quic:// and h3://");
        }
    }

    private string? CheckWay(UpstreamAddress address)
        => Proxy is not null && address.Scheme is UpstreamAddress.Udp or UpstreamAddress.System ? "cannot go through Proxy; allowed with it: tcp://, tls://, https://"
            : SourceAddress is not null && address is { Host: null, IsSystem: false } && address.Endpoint.Family != SourceAddress.AddressFamily ? $"cannot be reached from SourceAddress {SourceAddress}: IPv4 and IPv6 do not mix"
            : null;

    // System.Net.Quic has its own sockets: only their address can be chosen, and of HTTP/3's not even that.
    private string? CheckQuic(UpstreamAddress address, QuicSupport quic)
        => Proxy is not null ? "cannot go through Proxy, which carries TCP; use tls:// or https:// in this group"
            : Interface is not null ? "cannot be bound to Interface; use SourceAddress with quic://, or tls:// or https://"
            : Mark != 0 ? "cannot carry Mark; use tls:// or https:// in this group"
            : SourceAddress is not null && address.Scheme == UpstreamAddress.Http3 ? "cannot leave from SourceAddress; use quic:// or https:// in this group"
            : CheckWay(address) ?? ((address.Scheme == UpstreamAddress.Http3 ? quic.Http3Problem : quic.Problem) is { } problem ? $"needs QUIC: {problem}" : null);

    private static void Check<T>(ICollection<string> errors, string path, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            errors.Add($"{path}: {value} is out of range; allowed are {least} to {most}");
        }
    }
}
