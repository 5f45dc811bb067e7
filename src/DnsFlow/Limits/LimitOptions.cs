namespace DnsFlow.Limits;

/// <summary>The bounds of the proxy (<c>DnsFlow:Limits</c>). Each has a counter for what was refused at it.</summary>
public sealed class LimitOptions
{
    /// <summary>The set of defaults the others began with: <c>general</c>, or <c>small</c> for 50 MiB in all.</summary>
    public string Profile { get; set; } = "general";

    /// <summary>All memory pools together, in octets. Default 256 MiB, at most two thirds of what the system leaves the process.</summary>
    public long Memory { get; set; } = 256L << 20;

    /// <summary>Datagram flows. Default 16,384.</summary>
    public int Flows { get; set; } = 16_384;

    /// <summary>Stream flows. Default 4,096.</summary>
    public int StreamFlows { get; set; } = 4_096;

    /// <summary>A datagram flow without a query in flight ends after this. Default 10 s.</summary>
    public TimeSpan UdpIdle { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A stream flow without a query in flight ends after this (2 s when more than 75 % of the flows are taken). Default 10 s.</summary>
    public TimeSpan TcpIdle { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Queries in flight over all flows. Default 8,192.</summary>
    public int InFlight { get; set; } = 8_192;

    /// <summary>Queries in flight towards one upstream group. Default 4,096.</summary>
    public int InFlightPerGroup { get; set; } = 4_096;

    /// <summary>The bounds of one flow.</summary>
    public FlowLimitOptions PerFlow { get; set; } = new();

    /// <summary>The bounds of one client.</summary>
    public ClientLimitOptions PerClient { get; set; } = new();
}

/// <summary>The bounds of one flow (<c>DnsFlow:Limits:PerFlow</c>).</summary>
public sealed class FlowLimitOptions
{
    /// <summary>Queries in flight. Default 64.</summary>
    public int InFlight { get; set; } = 64;

    /// <summary>Octets of responses not yet taken by the client, on streams. Default 128 KiB.</summary>
    public int QueuedBytes { get; set; } = 128 << 10;
}

/// <summary>The bounds of one client (<c>DnsFlow:Limits:PerClient</c>). A client is an address prefix. Loopback is exempt by default.</summary>
public sealed class ClientLimitOptions
{
    /// <summary>Queries a second on UDP; 0 = no limit. Default 1,000.</summary>
    public double Rate { get; set; } = 1_000;

    /// <summary>How many queries may come at once above the rate. Default 2,000.</summary>
    public int Burst { get; set; } = 2_000;

    /// <summary>Answers of upstreams that leave for a client within ten milliseconds over UDP; further ones wait for the next. 0, or no <see cref="Rate"/> = no bound.</summary>
    public int Drain { get; set; } = 50;

    /// <summary>Queries in flight. Default 256.</summary>
    public int InFlight { get; set; } = 256;

    /// <summary>Datagram flows. Default 512.</summary>
    public int Flows { get; set; } = 512;

    /// <summary>Stream flows. Default 64.</summary>
    public int StreamFlows { get; set; } = 64;

    /// <summary>The prefix length that makes an IPv4 client. Default 32.</summary>
    public int IPv4Prefix { get; set; } = 32;

    /// <summary>The prefix length that makes an IPv6 client. Default 56.</summary>
    public int IPv6Prefix { get; set; } = 56;

    /// <summary>Networks that the bounds of one client do not apply to. Default 127.0.0.0/8 and ::1.</summary>
    public IReadOnlyList<System.Net.IPNetwork> Exempt { get; set; } =
        [System.Net.IPNetwork.Parse("127.0.0.0/8"), System.Net.IPNetwork.Parse("::1/128")];
}
