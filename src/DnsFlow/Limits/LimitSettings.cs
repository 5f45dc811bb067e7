using DnsFlow.Settings;

namespace DnsFlow.Limits;

/// <summary>How <see cref="LimitOptions"/> are read.</summary>
internal static class LimitSettings
{
    /// <summary>The names of the profiles.</summary>
    public static SettingsKind<string> ProfileName { get; } = SettingsKinds.OneOf("a profile", "general", "small");

    private const int MaxFlows = 1 << 22;
    private static readonly SettingsKind<TimeSpan> Idle = SettingsKinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));

    private static readonly SettingsShape<FlowLimitOptions> PerFlow = new SettingsShape<FlowLimitOptions>("The bounds of one flow.")
        .Value("InFlight", SettingsKinds.Integer(1, 65_535), static (o, v) => o.InFlight = v, "Queries in flight.")
        .Value("QueuedBytes", SettingsKinds.Size(64 << 10, 64 << 20), static (o, v) => o.QueuedBytes = (int)v, "Octets of responses not yet taken by the client, on streams.");

    private static readonly SettingsShape<ClientLimitOptions> PerClient = new SettingsShape<ClientLimitOptions>("The bounds of one client (an address prefix).")
        .Value("Rate", SettingsKinds.Rate(10_000_000), static (o, v) => o.Rate = v, "Queries a second on UDP; 0 = no limit.")
        .Value("Burst", SettingsKinds.Integer(1, 10_000_000), static (o, v) => o.Burst = v, "How many queries may come at once above the rate.")
        .Value("Drain", SettingsKinds.Integer(0, 100_000), static (o, v) => o.Drain = v, "Answers of upstreams that leave for a client within ten milliseconds over UDP; further ones wait; 0 = no bound.")
        .Value("InFlight", SettingsKinds.Integer(1, 1 << 20), static (o, v) => o.InFlight = v, "Queries in flight.")
        .Value("Flows", SettingsKinds.Integer(1, MaxFlows), static (o, v) => o.Flows = v, "Datagram flows.")
        .Value("StreamFlows", SettingsKinds.Integer(1, MaxFlows), static (o, v) => o.StreamFlows = v, "Stream flows.")
        .Value("IPv4Prefix", SettingsKinds.Integer(8, 32), static (o, v) => o.IPv4Prefix = v, "The prefix length that makes an IPv4 client.")
        .Value("IPv6Prefix", SettingsKinds.Integer(16, 128), static (o, v) => o.IPv6Prefix = v, "The prefix length that makes an IPv6 client.")
        .List("Exempt", SettingsKinds.Network, static (o, v) => o.Exempt = v, "Networks that the bounds of one client do not apply to.");

    /// <summary>The keys of <c>DnsFlow:Limits</c>.</summary>
    public static SettingsShape<LimitOptions> Shape { get; } = new SettingsShape<LimitOptions>("The bounds of the proxy; what is refused at each is counted.")
        .Value("Profile", ProfileName, static (o, v) => o.Profile = v, "The set of defaults.")
        .Value("Memory", SettingsKinds.Size(16L << 20, 1L << 40), static (o, v) => o.Memory = v, "All memory pools together, in octets.")
        .Value("Flows", SettingsKinds.Integer(16, MaxFlows), static (o, v) => o.Flows = v, "Datagram flows.")
        .Value("StreamFlows", SettingsKinds.Integer(1, MaxFlows), static (o, v) => o.StreamFlows = v, "Stream flows.")
        .Value("UdpIdle", Idle, static (o, v) => o.UdpIdle = v, "A datagram flow without a query in flight ends after this.")
        .Value("TcpIdle", Idle, static (o, v) => o.TcpIdle = v, "A stream flow without a query in flight ends after this.")
        .Value("InFlight", SettingsKinds.Integer(16, 1 << 20), static (o, v) => o.InFlight = v, "Queries in flight over all flows.")
        .Value("InFlightPerGroup", SettingsKinds.Integer(1, 1 << 20), static (o, v) => o.InFlightPerGroup = v, "Queries in flight towards one upstream group.")
        .Object("PerFlow", PerFlow, static o => o.PerFlow)
        .Object("PerClient", PerClient, static o => o.PerClient)
        .Later("WhenFull");
}
