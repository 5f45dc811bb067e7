using System.Text.Json.Serialization;

namespace DnsFlow.Service.Captures;

/// <summary>Reads log entries without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(QueryLogEntry))]
internal sealed partial class QueryLogJson : JsonSerializerContext;
