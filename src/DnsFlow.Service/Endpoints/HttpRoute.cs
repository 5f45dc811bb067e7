namespace DnsFlow.Service.Endpoints;

/// <summary>One thing that the HTTP interface can be asked for.</summary>
/// <param name="Method">GET, POST or DELETE; HEAD goes where GET goes.</param>
/// <param name="Path">The path; <c>/api/v1/flows/*</c> stands for one more part.</param>
/// <param name="Handler">Answers.</param>
internal sealed record HttpRoute(string Method, string Path, RequestDelegate Handler)
{
    /// <summary>Whether it changes something, and so needs the control socket or the token.</summary>
    public bool HasEffect => !HttpMethods.IsGet(Method);

    /// <summary>Whether anybody may ask: it says nothing but that the process lives.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether a path is meant.</summary>
    public bool Covers(string path) => Path.EndsWith("/*", StringComparison.Ordinal)
        ? path.StartsWith(Path.AsSpan(0, Path.Length - 1), StringComparison.Ordinal) && path.Length >= Path.Length && !path.AsSpan(Path.Length - 1).Contains('/')
        : path == Path;

    /// <summary>Whether a method is meant.</summary>
    public bool Takes(string method) => HttpMethods.Equals(method, Method) || (HttpMethods.IsHead(method) && HttpMethods.IsGet(Method));

    /// <summary>The part that stands for <c>*</c>.</summary>
    public static string LastPart(HttpContext context) => context.Request.Path.Value is { } path ? path[(path.LastIndexOf('/') + 1)..] : "";
}
