using System.Net;
using DnsFlow.Caching;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Server.Listening;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Settings;
using DnsFlow.Upstreams;
using DnsFlow.Zones;

namespace DnsFlow.Server;

/// <summary>How <see cref="ProxyOptions"/> are read: the whole section <c>DnsFlow</c>.</summary>
internal static class ProxySettings
{
    private static readonly SettingsKind<string> ListenAddress = new(
        "an address to listen on", "127.0.0.1:53, [::1]:53, localhost:53, udp://192.168.1.2, tcp://192.168.1.2:53, tls://192.168.1.2, https://192.168.1.2/dns-query",
        static (string text, out string value) => ListenText.TryParse(value = text, out _, out _))
    {
        Explain = static text => ListenText.TryParse(text, out _, out var error) ? null : error,
    };

    private static readonly SettingsKind<string> StatsAddress = new(
        "an address for statistics", "http://127.0.0.1:9953, http://[::1]:9953, http://localhost:9953, unix:/run/dnsflow/control.sock", TryParseStatsAddress);

    private static readonly SettingsShape<CertificateOptions> Certificate =
        new SettingsShape<CertificateOptions>("More certificates, chosen by the name a client sends (SNI).")
            .Value("Certificate", SettingsKinds.Text, static (o, v) => o.Certificate = v, "PEM with its chain, or PKCS #12.")
            .Value("Key", SettingsKinds.Text, static (o, v) => o.Key = v, "Its private key in PEM, when that is in a file of its own.");

    private static readonly SettingsShape<ListenerOptions> Listener = new SettingsShape<ListenerOptions>("Addresses that are listened on together.")
        .List("Endpoints", ListenAddress, static (o, v) => o.Endpoints = v, "The addresses, UDP and TCP unless the scheme says one; port 53 unless given.")
        .List("Allow", SettingsKinds.Network, static (o, v) => o.Allow = v, "The networks that may ask.")
        .List("ProxyProtocol", SettingsKinds.Network, static (o, v) => o.ProxyProtocol = v, "Load balancers whose PROXY headers, versions 1 and 2, say who the client is.")
        .Value("Required", SettingsKinds.Boolean, static (o, v) => o.Required = v, "Whether the proxy needs it to start and to be ready.")
        .Value("Certificate", SettingsKinds.Text, static (o, v) => o.Certificate = v, "The certificate for tls and https: PEM with its chain, or PKCS #12.")
        .Value("Key", SettingsKinds.Text, static (o, v) => o.Key = v, "Its private key in PEM, when that is in a file of its own.")
        .Objects("MoreCertificates", Certificate, static () => new CertificateOptions(), static (o, v) => o.MoreCertificates = v)
        .Value("SelfSigned", SettingsKinds.Boolean, static (o, v) => o.SelfSigned = v, "Whether a certificate is made when there is none.")
        .Value("ClientAuthorities", SettingsKinds.Text, static (o, v) => o.ClientAuthorities = v, "Authorities in PEM; only their clients are served over tls and https.")
        .Later("Protocols");

    private static readonly SettingsKind<string> BootstrapServer = new(
        "a server", "9.9.9.9, 9.9.9.9:53, [2620:fe::fe]:53", static (string text, out string value) => EndpointText.TryParse(value = text, out var server, out _) && server.HasUdp)
    {
        Explain = static text => EndpointText.TryParse(text, out _, out var error) ? null : error,
    };

    private static readonly SettingsShape<BootstrapOptions> Bootstrap = new SettingsShape<BootstrapOptions>("Who resolves the names that the proxy itself needs.")
        .List("Servers", BootstrapServer, static (o, v) => o.Servers = v, "Servers asked over UDP for the hosts of lists and upstreams, never through this proxy.");

    private static readonly SettingsShape<QueryLogOptions> QueryLog = new SettingsShape<QueryLogOptions>("What every query was decided to.")
        .Value("Sink", SettingsKinds.OneOf("a sink", QueryLogOptions.Off, QueryLogOptions.Memory, QueryLogOptions.File), static (o, v) => o.Sink = v, "Where queries are noted.")
        .Value("Path", SettingsKinds.Text, static (o, v) => o.Path = v, "The file.")
        .Value("MaxBytes", SettingsKinds.Size(64 << 10, 1 << 30), static (o, v) => o.MaxBytes = v, "The most octets in memory, or of one file before the next is begun.")
        .Value("Files", SettingsKinds.Integer(1, 64), static (o, v) => o.Files = v, "How many files are kept beside the one that is written.");

    private static readonly SettingsKind<PrivacyLevel> PrivacyKind = SettingsKinds.Choice(
        "a level of privacy", ("full", PrivacyLevel.Full), ("anonymous", PrivacyLevel.Anonymous), ("counts", PrivacyLevel.Counts));

    private static readonly SettingsShape<StatsOptions> Stats = new SettingsShape<StatsOptions>("The statistics.")
        .List("Endpoints", StatsAddress, static (o, v) => o.Endpoints = v, "Where they are served, by HTTP and Unix sockets; an empty list = nowhere.")
        .Value("TokenFile", SettingsKinds.Text, static (o, v) => o.TokenFile = v, "A file of mode 0600 with the token that allows changes over HTTP.")
        .Value("ControlSocket", SettingsKinds.Boolean, static (o, v) => o.ControlSocket = v, "Whether there is a control socket at the default place.")
        .Value("Prometheus", SettingsKinds.Boolean, static (o, v) => o.Prometheus = v, "Whether /metrics is served.")
        .Value("Privacy", PrivacyKind, static (o, v) => o.Privacy = v, "What the query log and the list of flows say of clients: full, anonymous (networks alone) or counts (nothing).")
        .Object("QueryLog", QueryLog, static o => o.QueryLog)
        .Later("Top");

    private static readonly SettingsShape<CookieOptions> Cookies = new SettingsShape<CookieOptions>("DNS cookies for clients (RFC 7873).")
        .Value("Enabled", SettingsKinds.Boolean, static (o, v) => o.Enabled = v, "Whether clients that use cookies get ours.")
        .Value("SecretFile", SettingsKinds.Text, static (o, v) => o.SecretFile = v, "A file of mode 0600 with secrets of 32 hexadecimal digits, one a line; the first makes cookies, all are accepted.")
        .Value("Demand", SettingsKinds.Choice("a demand", ("never", CookieDemand.Never), ("overLimit", CookieDemand.OverLimit), ("largeAnswers", CookieDemand.LargeAnswers)), static (o, v) => o.Demand = v, "When a client that uses cookies needs a good one: never, overLimit or largeAnswers.");

    /// <summary>The keys of <c>DnsFlow</c>.</summary>
    public static SettingsShape<ProxyOptions> Shape { get; } = new SettingsShape<ProxyOptions>("The DNS proxy.")
        .Map("Listeners", Listener, static () => new ListenerOptions(), static (o, name, v) => o.Listeners[name] = v)
        .Value("Shards", SettingsKinds.Integer(0, 256), static (o, v) => o.Shards = v, "Data-plane threads; 0 = one per core.")
        .Value("CoalesceMicroseconds", SettingsKinds.Integer(0, 1_000), static (o, v) => o.CoalesceMicroseconds = v,
            "How long a shard with little to do sleeps after it has worked; 0 = not at all.")
        .Map("Upstreams", UpstreamGroupSettings.Shape, static () => new UpstreamGroupOptions(), static (o, name, v) => o.Upstreams[name] = v)
        .Map("Clients", ClientSettings.Shape, static () => new ClientSetOptions(), static (o, name, v) => o.Clients[name] = v)
        .Map("Schedules", ScheduleSettings.Shape, static () => new ScheduleOptions(), static (o, name, v) => o.Schedules[name] = v)
        .Objects("FlowRules", PolicySettings.FlowRule, static () => new FlowRuleOptions(), static (o, v) => o.FlowRules = v)
        .Objects("QueryRules", PolicySettings.QueryRule, static () => new QueryRuleOptions(), static (o, v) => o.QueryRules = v)
        .Objects("AnswerRules", PolicySettings.AnswerRule, static () => new QueryRuleOptions(), static (o, v) => o.AnswerRules = v)
        .Map("Zones", ZoneSettings.Shape, static () => new ZoneOptions(), static (o, name, v) => o.Zones[name] = v)
        .Object("Blocking", PolicySettings.Blocking, static o => o.Blocking)
        .Object("Cache", CacheSettings.Shape, static o => o.Cache)
        .Object("Cookies", Cookies, static o => o.Cookies)
        .Object("Limits", LimitSettings.Shape, static o => o.Limits)
        .Object("Stats", Stats, static o => o.Stats)
        .Map("Lists", ListSettings.Shape, static () => new ListOptions(), static (o, name, v) => o.Lists[name] = v)
        .Object("Bootstrap", Bootstrap, static o => o.Bootstrap)
        .Value("ReloadOnChange", SettingsKinds.Boolean, static (o, v) => o.ReloadOnChange = v, "Whether a file that has changed is read anew without being asked.")
        .AtStart("Shards", "CoalesceMicroseconds", "Cache", "Limits", "Stats", "ReloadOnChange");

    private static bool TryParseStatsAddress(string text, out string value)
    {
        value = text;
        return text.StartsWith("unix:/", StringComparison.Ordinal) ? text.Length is > 6 and <= 107 + 5 && !text.Contains('\0', StringComparison.Ordinal) : Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http", PathAndQuery: "/", Fragment: "", UserInfo: "" }
            && (uri.Host == "localhost" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out _));
    }
}
