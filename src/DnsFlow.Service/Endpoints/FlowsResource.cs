using System.Net;
using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>The flows that have not ended.</summary>
internal sealed class FlowsResource(IProxyServer server) : IHttpResource
{
    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes => [new("GET", "/api/v1/flows", ShowAsync), new("DELETE", "/api/v1/flows/*", CloseAsync)];

    private async Task ShowAsync(HttpContext context)
    {
        var (client, state) = (context.Request.Query["client"].ToString(), context.Request.Query["state"].ToString());
        var flows = await server.FlowsAsync(context.RequestAborted);
        await HttpResponses.JsonAsync(
            context, [.. flows.Where(flow => IsOf(flow, client) && (state.Length == 0 || flow.State.Equals(state, StringComparison.OrdinalIgnoreCase)))],
            HttpJson.Default.FlowReportArray);
    }

    private async Task CloseAsync(HttpContext context)
    {
        var id = HttpRoute.LastPart(context);
        if (await server.CloseFlowAsync(id, context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status404NotFound, $"there is no flow '{id}'"));
    }

    // An address, or an address and port, or what stands for it.
    private static bool IsOf(FlowReport flow, string client)
        => client.Length == 0 || flow.Client == client || (IPEndPoint.TryParse(flow.Client, out var endpoint) && endpoint.Address.ToString() == client.Trim('[', ']'));
}
