using System.Text.Json.Serialization;
using DnsFlow.Lists;
using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>Writes the documents of the HTTP interface by generated code.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ReadyDocument))]
[JsonSerializable(typeof(DnsFlow.Server.Explaining.Explanation))]
[JsonSerializable(typeof(ReloadDocument))]
[JsonSerializable(typeof(ConfigurationStatus))]
[JsonSerializable(typeof(FlowReport[]))]
[JsonSerializable(typeof(IReadOnlyList<RuleReport>))]
[JsonSerializable(typeof(IReadOnlyList<ListReport>))]
[JsonSerializable(typeof(FlushDocument))]
internal sealed partial class HttpJson : JsonSerializerContext;
