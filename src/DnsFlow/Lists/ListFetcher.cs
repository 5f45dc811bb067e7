using System.Net.Http.Headers;
using System.Net.Security;
using System.Net;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Lists;

/// <summary>
/// Fetches lists by HTTPS: conditional requests, bounded in octets, time and redirects, never to a private address that a redirect leads to. Host names are
/// resolved by the bootstrap servers, never through this proxy.
/// </summary>
internal sealed class ListFetcher : IDisposable
{
    /// <summary>The time for one list, redirects included.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private const int MaxRedirects = 3;

    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    /// <summary>Makes a fetcher. <paramref name="certificates"/> replaces the check of the server's certificate, in tests.</summary>
    public ListFetcher(BootstrapResolver resolver, TimeProvider time, RemoteCertificateValidationCallback? certificates = null)
    {
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectCallback = new ListConnector(resolver).ConnectAsync,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = certificates },
            UseCookies = false,
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("dnsflow", null));
    }

    /// <summary>Fetches an address unless the copy is still right. Ends with an exception only when <paramref name="cancellationToken"/> is cancelled.</summary>
    public async Task<FetchedList> FetchAsync(string source, ListCopies copies, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await FollowAsync(new Uri(source), copies.VersionOf(source), copies, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FetchedList.Failed($"it was not sent within {Limit.TotalSeconds:0} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            // What the connector said is wrapped in what the client says.
            var told = exception.InnerException is HttpRequestException inner ? inner : exception;
            return FetchedList.Failed(told.InnerException is { } cause ? $"{told.Message} ({cause.Message})" : told.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<FetchedList> FollowAsync(Uri address, CopyVersion version, ListCopies copies, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = MakeRequest(address, version, redirects > 0);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotModified)
            {
                return FetchedList.Unchanged;
            }

            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return response.StatusCode == HttpStatusCode.OK
                    ? await SaveAsync(response, copies, cancellationToken).ConfigureAwait(false)
                    : FetchedList.Failed($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
            }

            if (redirects == MaxRedirects)
            {
                return FetchedList.Failed($"it was redirected more than {MaxRedirects} times");
            }

            if (response.Headers.Location is not { } location || !Uri.TryCreate(address, location, out var next) || next.Scheme != Uri.UriSchemeHttps)
            {
                return FetchedList.Failed($"it is redirected to '{response.Headers.Location}', which is not https");
            }

            address = next;
        }
    }

    private static HttpRequestMessage MakeRequest(Uri address, CopyVersion version, bool isRedirected)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Options.Set(ListConnector.IsRedirected, isRedirected);
        if (version.Tag is { } tag)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        if (version.Modified is { } modified)
        {
            request.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
        }

        return request;
    }

    private static async Task<FetchedList> SaveAsync(HttpResponseMessage response, ListCopies copies, CancellationToken cancellationToken)
    {
        var file = copies.Create();
        var isWhole = false;
        try
        {
            await using (file.ConfigureAwait(false))
            {
                var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                if (!await CopyAsync(stream, file, cancellationToken).ConfigureAwait(false))
                {
                    return FetchedList.Failed($"it is larger than {ListLimits.MaxBytes >> 20} MiB, the most that is read");
                }

                file.Flush(flushToDisk: true);
            }

            isWhole = true;
        }
        finally
        {
            if (!isWhole)
            {
                File.Delete(file.Name);
            }
        }

        var modified = response.Content.Headers.TryGetValues("Last-Modified", out var values) ? values.FirstOrDefault() : null;
        return new FetchedList(file.Name, new CopyVersion(response.Headers.ETag?.ToString(), modified), null);
    }

    private static async Task<bool> CopyAsync(Stream source, FileStream file, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (file.Position + read > ListLimits.MaxBytes)
            {
                return false;
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
