using System.Text.Json.Serialization;
using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>Writes the documents of the HTTP interface by generated code.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ReadyDocument))]
[JsonSerializable(typeof(DnsFlow.Server.Explanation))]
[JsonSerializable(typeof(ReloadDocument))]
[JsonSerializable(typeof(ConfigurationStatus))]
internal sealed partial class HttpJson : JsonSerializerContext;
