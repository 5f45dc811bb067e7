using System.Globalization;
using DnsFlow.Server;
using DnsFlow.Server.Plans;
using DnsFlow.Service.Reloading;
using Microsoft.AspNetCore.Http.Features;

namespace DnsFlow.Service.Endpoints;

/// <summary>The configuration in force, its shape, and what changes it.</summary>
internal sealed class ConfigurationResource(IProxyServer server, Reloader reloader) : IHttpResource
{
    private const long MaxDocument = 8 << 20;

    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes =>
    [
        new("GET", "/api/v1/config", Show),
        new("GET", "/api/v1/config/status", Status),
        new("GET", "/api/v1/schema", static context => HttpResponses.TextAsync(context, ConfigurationSchema.Text, "application/schema+json")),
        new("POST", "/api/v1/config/check", CheckAsync),
        new("POST", "/api/v1/config/reload", ReloadAsync),
    ];

    private Task Show(HttpContext context)
    {
        var tag = $"\"{server.Configuration.Generation.ToString(CultureInfo.InvariantCulture)}\"";
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch is [{ } known] && known == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return HttpResponses.TextAsync(context, server.ConfigurationDocument, "application/json; charset=utf-8");
    }

    private Task Status(HttpContext context) => HttpResponses.JsonAsync(context, server.Configuration, HttpJson.Default.ConfigurationStatus);

    private async Task CheckAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxDocument;
        }

        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var folder = context.Request.Query["folder"] is [{ Length: > 0 } only] ? only : Directory.GetCurrentDirectory();
        await AnswerAsync(context, await server.CheckAsync(new PostedConfiguration(body.ToArray(), folder), context.RequestAborted));
    }

    private async Task ReloadAsync(HttpContext context) => await AnswerAsync(context, await reloader.ReloadAsync("asked over HTTP", context.RequestAborted));

    private static Task AnswerAsync(HttpContext context, ReloadReport report) => report.IsApplied
        ? HttpResponses.JsonAsync(context, ReloadDocument.Of(report), HttpJson.Default.ReloadDocument)
        : HttpResponses.ProblemAsync(context, ProblemDocument.Of(
            StatusCodes.Status422UnprocessableEntity, $"The configuration is wrong; {report.Generation} stays in force.") with { Errors = report.Errors });
}
