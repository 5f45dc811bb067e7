using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>The rules in force and how often each decided.</summary>
internal sealed class RulesResource(IProxyServer server) : IHttpResource
{
    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes =>
        [new("GET", "/api/v1/rules", context => HttpResponses.JsonAsync(context, server.DescribeRules(), HttpJson.Default.IReadOnlyListRuleReport))];
}
