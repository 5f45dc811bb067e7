using DnsFlow.Settings;

namespace DnsFlow.Upstreams;

/// <summary>How <see cref="UpstreamGroupOptions"/> are read.</summary>
internal static class UpstreamGroupSettings
{
    private static readonly SettingsKind<string> Server = new(
        "an upstream server", "9.9.9.9, 9.9.9.9:5353, udp://[2620:fe::fe]:53, tcp://9.9.9.9 or system:",
        static (string text, out string value) => Explain(value = text) is null)
    {
        Explain = Explain,
    };

    private static readonly SettingsShape<UpstreamGroupOptions> Health = new SettingsShape<UpstreamGroupOptions>("When a server leaves the rotation and how it comes back.")
        .Value("FailAfter", SettingsKinds.Integer(1, 1_000), static (o, v) => o.FailAfter = v, "Failures in a row that open the breaker of a server.")
        .Value("ProbeEvery", SettingsKinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)), static (o, v) => o.ProbeEvery = v, "How soon an open breaker lets one query try.");

    /// <summary>The keys of <c>DnsFlow:Upstreams:NAME</c>.</summary>
    public static SettingsShape<UpstreamGroupOptions> Shape { get; } = new SettingsShape<UpstreamGroupOptions>("A named list of servers that stand in for each other.")
        .List("Servers", Server, static (o, v) => o.Servers = v, "The servers in order: 9.9.9.9, udp://[2620:fe::fe]:53, tcp://9.9.9.9, system:.")
        .Value("Strategy", SettingsKinds.OneOf("a strategy", UpstreamStrategies.Names), static (o, v) => o.Strategy = v, "Who is asked first.")
        .Value("Budget", SettingsKinds.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)), static (o, v) => o.Budget = v, "The whole question, all attempts.")
        .Value("AttemptTimeout", SettingsKinds.Duration(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30)), static (o, v) => o.AttemptTimeout = v, "The longest wait for one attempt.")
        .Value("Attempts", SettingsKinds.Integer(1, 3), static (o, v) => o.Attempts = v, "Packets per question at most.")
        .Object("Health", Health, static o => o)
        .Later("Hedge", "Interface");

    // The reason begins with the text that the message has already.
    private static string? Explain(string text) =>
        UpstreamAddress.TryParse(text, out _, out var error) ? null
        : error.StartsWith($"'{text}': ", StringComparison.Ordinal) ? error[(text.Length + 4)..]
        : error;
}
