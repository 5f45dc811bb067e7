using System.Text.Json.Serialization;

namespace DnsFlow.Telemetry;

/// <summary>One server of one upstream group.</summary>
public sealed record UpstreamStats
{
    /// <summary>The group's name.</summary>
    public required string Group { get; init; }

    /// <summary>The server as configured, or the address that <c>system:</c> stands for.</summary>
    public required string Server { get; init; }

    /// <summary><c>udp</c>, <c>tcp</c>, <c>tls</c> or <c>https</c>: what a first attempt uses.</summary>
    public string Transport { get; init; } = "udp";

    /// <summary><c>up</c>, <c>probing</c> or <c>down</c>.</summary>
    public required string State { get; init; }

    /// <summary>Questions sent, repeated ones too.</summary>
    public long Sent { get; init; }

    /// <summary>Questions answered with a usable response.</summary>
    public long Answered { get; init; }

    /// <summary>Questions not answered in time.</summary>
    public long Timeouts { get; init; }

    /// <summary>Questions that ended in another failure: refused, reset, SERVFAIL.</summary>
    public long Errors { get; init; }

    /// <summary>How many of <see cref="Sent"/> were not the first attempt at their question.</summary>
    public long Retries { get; init; }

    /// <summary>Attempts made beside one still waiting.</summary>
    public long Hedges { get; init; }

    /// <summary>How many of <see cref="Hedges"/> answered first.</summary>
    public long HedgesWon { get; init; }

    /// <summary>Questions of our own that asked whether the server is back.</summary>
    public long Probes { get; init; }

    /// <summary>Connections on which the server was not believed (certificate, pin) or did not speak TLS as it should.</summary>
    public long Untrusted { get; init; }

    /// <summary>Questions that came while all connections of their shard to the server were full (512 in flight); they went by others, which cost more.</summary>
    public long LanesFull { get; init; }

    /// <summary>Why the last connection, or the last HTTP response, was of no use; null since one was.</summary>
    public string? Problem { get; init; }

    /// <summary>Questions waiting for an answer now.</summary>
    public long Outstanding { get; init; }

    /// <summary>Round trip of answered attempts.</summary>
    public LatencyQuantiles RttMs { get; init; } = LatencyQuantiles.None;

    /// <summary>The counts behind <see cref="RttMs"/>, <see cref="LatencyHistogram.Buckets"/> long; empty when unknown.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<long> RttCounts { get; init; }

    /// <summary>The sum of all round trips in microseconds.</summary>
    [JsonIgnore]
    public long RttSumMicroseconds { get; init; }
}
