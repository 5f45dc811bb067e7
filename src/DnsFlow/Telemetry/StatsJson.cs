using System.Text.Json.Serialization;

namespace DnsFlow.Telemetry;

/// <summary>Reads and writes a <see cref="StatsSnapshot"/> as JSON, by generated code.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatsSnapshot))]
[JsonSerializable(typeof(IReadOnlyList<UpstreamStats>))]
[JsonSerializable(typeof(IReadOnlyList<ZoneStats>))]
[JsonSerializable(typeof(IReadOnlyList<PauseStats>))]
public sealed partial class StatsJson : JsonSerializerContext;
