using System.Text.Json;
using DnsFlow.Server;
using DnsFlow.Tests.Repository;

namespace DnsFlow.Tests.Service;

public class ConfigurationSchemaTests
{
    [Fact]
    public void Schema_InTheRepository_IsTheOneOfTheValidator()
        => Assert.Equal(File.ReadAllText(Path.Combine(SourceTree.Root, "dnsflow.schema.json")), ProxyConfiguration.Schema);

    [Fact]
    public void Schema_Objects_TakeTheirKeysAndNoOthers()
    {
        using var schema = JsonDocument.Parse(ProxyConfiguration.Schema);
        var section = schema.RootElement.GetProperty("properties").GetProperty("DnsFlow");
        Assert.False(section.GetProperty("additionalProperties").GetBoolean());
        var group = section.GetProperty("properties").GetProperty("Upstreams").GetProperty("additionalProperties");
        Assert.Contains("ordered", group.GetProperty("properties").GetProperty("Strategy").GetProperty("enum").EnumerateArray().Select(name => name.GetString()));
        var rule = section.GetProperty("properties").GetProperty("QueryRules").GetProperty("items");
        Assert.True(rule.GetProperty("additionalProperties").GetBoolean());
        Assert.True(rule.GetProperty("properties").TryGetProperty("Records", out _));
    }
}
