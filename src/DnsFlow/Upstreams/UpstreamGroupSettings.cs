using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Transports.Dialing;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Upstreams;

/// <summary>How <see cref="UpstreamGroupOptions"/> are read.</summary>
internal static class UpstreamGroupSettings
{
    private static readonly SettingsKind<string> Server = new(
        "an upstream server", "9.9.9.9, 9.9.9.9:5353, udp://[2620:fe::fe]:53, tcp://9.9.9.9, tls://9.9.9.9#dns.quad9.net, https://dns.quad9.net/dns-query, quic://dns.quad9.net, h3://dns.quad9.net/dns-query or system:",
        static (string text, out string value) => Explain(value = text) is null)
    {
        Explain = Explain,
    };

    private static readonly SettingsKind<ProbeMode> Probe = SettingsKinds.Choice("a mode", ("off", ProbeMode.Off), ("lazy", ProbeMode.Lazy), ("always", ProbeMode.Always));

    private static readonly SettingsKind<string> Name = new(
        "a domain name", ". or www.example", static (string text, out string value) => DomainName.TryParse(value = text, DomainName.Root, out _, out _));

    private static readonly SettingsKind<string> Interface = new(
        "the name of an interface", "eth0 or tun0: 1 to 15 letters", static (string text, out string value) => (value = text).Length is > 0 and <= 15 && !text.Any(char.IsWhiteSpace));

    private static readonly SettingsKind<string> Proxy = new(
        "a proxy", "socks5://127.0.0.1:1080 or http://127.0.0.1:3128, by address", static (string text, out string value) => ProxyAddress.TryParse(value = text, out _));

    private static readonly SettingsKind<string> Pin = new(
        "a pin", "the base64 of 32 octets, sha256/ before it or not", static (string text, out string value) => TlsTrust.IsPin(value = text));

    private static readonly SettingsShape<UpstreamGroupOptions> Health = new SettingsShape<UpstreamGroupOptions>("When a server leaves the rotation and how it comes back.")
        .Value("FailAfter", SettingsKinds.Integer(1, 1_000), static (o, v) => o.FailAfter = v, "Failures in a row that open the breaker of a server.")
        .Value("ProbeEvery", SettingsKinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)), static (o, v) => o.ProbeEvery = v, "How soon a server that is down is asked again; doubles, up to 2s (10s with probes off).")
        .Value("Probe", Probe, static (o, v) => o.Probe = v, "Who finds out: off (one client's query), lazy (a question of our own, while the group is in use) or always (asks those that are up, too).")
        .Value("ProbeName", Name, static (o, v) => o.ProbeName = v, "What a probe asks for: the name servers of the root, or the address of another name.");

    private static readonly SettingsShape<HedgeOptions> Hedge = new SettingsShape<HedgeOptions>("When a hedged group asks another server beside the first.")
        .Value("After", SettingsKinds.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5)), static (o, v) => o.After = v, "How long the first server has; unset: twice its round trip.")
        .Value("MaxExtra", SettingsKinds.Percentage, static (o, v) => o.MaxExtra = v, "Extra packets at most, as a share of the questions.");

    private static readonly SettingsShape<SubnetPolicy> ClientSubnet = new SettingsShape<SubnetPolicy>("What the servers learn of clients' networks (RFC 7871).")
        .Value("Mode", SettingsKinds.Choice("a mode", ("strip", SubnetMode.Strip), ("keep", SubnetMode.Keep), ("set", SubnetMode.Set)), static (o, v) => o.Mode = v, "strip (nothing), keep (what the client says) or set (the network of its address).")
        .Value("IPv4Prefix", SettingsKinds.Integer(1, 32), static (o, v) => o.IPv4Prefix = v, "The longest prefix of an IPv4 network.")
        .Value("IPv6Prefix", SettingsKinds.Integer(1, 128), static (o, v) => o.IPv6Prefix = v, "The longest prefix of an IPv6 network.");

    /// <summary>The keys of <c>DnsFlow:Upstreams:NAME</c>.</summary>
    public static SettingsShape<UpstreamGroupOptions> Shape { get; } = new SettingsShape<UpstreamGroupOptions>("A named list of servers that stand in for each other.")
        .List("Servers", Server, static (o, v) => o.Servers = v, "The servers in order: 9.9.9.9, udp://[2620:fe::fe]:53, tcp://9.9.9.9, tls://9.9.9.9#dns.quad9.net, https://dns.quad9.net/dns-query, quic://dns.quad9.net, h3://dns.quad9.net/dns-query, system:.")
        .Value("Strategy", SettingsKinds.OneOf("a strategy", UpstreamStrategies.Names), static (o, v) => o.Strategy = v, "Who is asked first.")
        .Value("Budget", SettingsKinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)), static (o, v) => o.Budget = v, "The whole question, all attempts.")
        .Value("AttemptTimeout", SettingsKinds.Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30)), static (o, v) => o.AttemptTimeout = v, "The longest wait for one attempt.")
        .Value("Attempts", SettingsKinds.Integer(1, 3), static (o, v) => o.Attempts = v, "Packets per question at most.")
        .List("Weights", SettingsKinds.Integer(1, 1_000), static (o, v) => o.Weights = v, "How often each server is asked beside the others, one number for each; for weighted and leastOutstanding.")
        .Object("ClientSubnet", ClientSubnet, static o => o.ClientSubnet)
        .Value("Cookies", SettingsKinds.Boolean, static (o, v) => o.Cookies = v, "Whether UDP servers are asked with DNS cookies (RFC 7873).")
        .Value("RandomCase", SettingsKinds.Boolean, static (o, v) => o.RandomCase = v, "Whether UDP servers are asked in random letter case, which their reply has to repeat.")
        .Object("Hedge", Hedge, static o => o.Hedge)
        .Object("Health", Health, static o => o)
        .Value("Interface", Interface, static (o, v) => o.Interface = v, "The interface that everything leaves by; it may come and go. Linux. Not with quic:// and h3://.")
        .Value("SourceAddress", SettingsKinds.Address, static (o, v) => o.SourceAddress = v, "The address that everything leaves from. Not with h3://.")
        .Value("Mark", SettingsKinds.Integer(0, int.MaxValue), static (o, v) => o.Mark = (uint)v, "The mark that routing rules look at (SO_MARK); 0 = none. Linux, with CAP_NET_ADMIN. Not with quic:// and h3://.")
        .Value("Proxy", Proxy, static (o, v) => o.Proxy = v, "The proxy that connections go through; for tcp://, tls:// and https://.")
        .Value("CaFile", SettingsKinds.Text, static (o, v) => o.CaFile = v, "A file of certificates in PEM that are believed instead of the system's roots.")
        .List("Pins", Pin, static (o, v) => o.Pins = v, "Keys of which the server's must be one (SHA-256 of its SubjectPublicKeyInfo).");

    // The reason begins with the text that the message has already.
    private static string? Explain(string text) =>
        UpstreamAddress.TryParse(text, out _, out var error) ? null
        : error.StartsWith($"'{text}': ", StringComparison.Ordinal) ? error[(text.Length + 4)..]
        : error;
}
