using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using DnsFlow.Service.Commands;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Service.Control;

/// <summary>Asks a running proxy to do something: by its control socket, or over HTTP with a token.</summary>
internal sealed class ControlClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _client;
    private readonly string _place;

    private ControlClient(HttpMessageHandler handler, Uri address, string place, string? token)
    {
        _client = new HttpClient(handler) { BaseAddress = address, Timeout = Patience };
        _place = place;
        if (token is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Where the proxy is.</summary>
    public string Place => _place;

    /// <summary>The control socket of a proxy that runs here, where nobody said which; null = none does.</summary>
    public static string? Running(ProgramContext context) => ControlSocket.Places(context.Variable, context.SystemRuntimeFolder).FirstOrDefault(ControlSocket.IsServed);

    /// <summary>A client for the place a person named, else for the one that is configured, else for the first default one that is served.</summary>
    public static ControlClient? Create(ControlTarget target, ProgramContext context, out string? error)
    {
        error = null;
        if (target.Url is { } url)
        {
            return ForUrl(url, target.TokenFile, out error);
        }

        var path = target.Socket ?? Running(context);
        if (path is null)
        {
            error = "no running proxy was found; '--socket PATH' says where its control socket is, '--socket http://ADDRESS:PORT --token-file FILE' asks over HTTP";
            return null;
        }

        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new ControlClient(handler, new Uri("http://localhost/"), path, token: null);
    }

    /// <summary>
    /// Asks, and gives the body of a good answer to <paramref name="onGood"/>, whose result is the exit code. A problem is told on the error writer and
    /// has an exit code of its own.
    /// </summary>
    public async Task<int> AskAsync(HttpMethod method, string path, HttpContent? content, ProgramContext context, Func<string, int> onGood, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var response = await _client.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? onGood(body) : await TellAsync((int)response.StatusCode, body, context);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or UriFormatException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await context.Error.WriteLineAsync($"dnsflow: no proxy answers at {_place}: {exception.Message}");
            return exception.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied } ? ExitCode.NoPermission : ExitCode.Unavailable;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static ControlClient? ForUrl(string url, string? tokenFile, out string? error)
    {
        error = null;
        string? token = null;
        try
        {
            token = tokenFile is null ? null : File.ReadAllText(tokenFile).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error = $"'{tokenFile}' cannot be read: {exception.Message}";
            return null;
        }

        if (Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp)
        {
            return new ControlClient(new SocketsHttpHandler { UseProxy = false }, address, url, token);
        }

        error = $"'{url}' is not an address of the form {HttpEndpoint.Default}";
        return null;
    }

    private static async Task<int> TellAsync(int status, string body, ProgramContext context)
    {
        var problem = Parse(body);
        foreach (var error in problem?.Errors ?? [])
        {
            await context.Error.WriteLineAsync(error);
        }

        await context.Error.WriteLineAsync("dnsflow: " + (problem?.Detail ?? $"the proxy answered {status}"));
        return status switch
        {
            StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => ExitCode.NoPermission,
            StatusCodes.Status422UnprocessableEntity => ExitCode.Configuration,
            StatusCodes.Status400BadRequest => ExitCode.Usage,
            StatusCodes.Status404NotFound => ExitCode.Negative,
            _ => ExitCode.Unavailable,
        };
    }

    private static ProblemDocument? Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, HttpJson.Default.ProblemDocument);
        }
        catch (JsonException)
        {
            return null;        // not a proxy of ours
        }
    }
}
