using System.Text.Json;
using DnsFlow.Limits;
using DnsFlow.Protocol;

namespace DnsFlow.Telemetry;

/// <summary>What the indexes of <see cref="TrafficCounters"/> are called in the statistics. Tests compare them with the enumerations.</summary>
internal static class StatsNames
{
    /// <summary>Transports, as the enumeration of the flows numbers them.</summary>
    public static readonly string[] TransportNames = ["udp", "tcp", "tls", "https"];

    /// <summary>Verdicts, as the enumeration of the flows numbers them.</summary>
    public static readonly string[] Verdicts = ["claim", "pass", "discard"];

    /// <summary>Reasons of a flow's end, as the enumeration of the flows numbers them.</summary>
    public static readonly string[] Closes =
    [
        "completed", "peerClosed", "peerReset", "discarded", "passedThrough", "upstreamFailed", "upstreamTimeout",
        "idleTimeout", "evicted", "budgetExceeded", "providerStopped", "internal",
    ];

    /// <summary>The few groups that the statistics document puts <see cref="Closes"/> into, in the same order.</summary>
    public static readonly string[] CloseGroups =
        ["completed", "peer", "peer", "discarded", "passed", "error", "error", "idle", "evicted", "error", "stopped", "error"];

    /// <summary>Outcomes.</summary>
    public static readonly string[] Outcomes = CamelCase<QueryOutcome>();

    /// <summary>Reasons of shedding.</summary>
    public static readonly string[] Sheds = CamelCase<ShedReason>();

    /// <summary>Reasons of ignoring.</summary>
    public static readonly string[] Ignores = CamelCase<IgnoredReason>();

    /// <summary>Query types with a counter of their own; the first is all others.</summary>
    public static readonly string[] Types = [.. TrafficCounters.Types.Select(type => type == RecordType.None ? "other" : type.ToString())];

    /// <summary>Response codes; codes without a mnemonic are <c>other</c>.</summary>
    public static readonly string[] Codes =
        [.. Enumerable.Range(0, TrafficCounters.Codes).Select(code => Enum.GetName((ResponseCode)code)?.ToUpperInvariant() ?? "other")];

    private static string[] CamelCase<T>()
        where T : struct, Enum
        => [.. Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)];
}
