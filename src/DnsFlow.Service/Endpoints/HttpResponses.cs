using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DnsFlow.Service.Endpoints;

/// <summary>Writes whole responses with the headers that every response has.</summary>
internal static class HttpResponses
{
    /// <summary>Sets what every response carries: nothing of it may be framed, sniffed, cached, or read by another origin.</summary>
    public static void Secure(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    /// <summary>Writes a document as JSON.</summary>
    public static Task JsonAsync<T>(HttpContext context, T document, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK, string contentType = "application/json; charset=utf-8")
        => BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(document, type), status, contentType);

    /// <summary>Writes text.</summary>
    public static Task TextAsync(HttpContext context, string text, string contentType)
        => BytesAsync(context, Encoding.UTF8.GetBytes(text), StatusCodes.Status200OK, contentType);

    /// <summary>Writes a problem document.</summary>
    public static Task ProblemAsync(HttpContext context, ProblemDocument problem)
        => JsonAsync(context, problem, HttpJson.Default.ProblemDocument, problem.Status, ProblemDocument.ContentType);

    private static async Task BytesAsync(HttpContext context, byte[] body, int status, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
