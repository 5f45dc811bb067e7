using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using DnsFlow.Limits;
using Microsoft.AspNetCore.Http;

namespace DnsFlow.Transports.Https;

/// <summary>Requests as RFC 8484 has them: GET and HEAD with the query in base64url, POST with it as the body. What does not fit gets its status.</summary>
internal static class HttpsRequests
{
    private const string MediaType = "application/dns-message";

    // An hour of them, each made when it is needed first.
    private static readonly string?[] s_maxAges = new string?[3_601];

    /// <summary>Answers one request.</summary>
    public static Task AnswerAsync(HttpsExchange exchange)
    {
        var request = exchange.Request;
        if (exchange.Connection is not { Client: { } client } connection || !string.Equals(request.Path, connection.Path, StringComparison.Ordinal))
        {
            return Refuse(exchange, StatusCodes.Status404NotFound);
        }

        if (client.IsUsedUp)
        {
            exchange.RequestClose();
        }

        if (HttpMethods.IsPost(request.Method))
        {
            return IsMediaType(request.Headers.ContentType)
                ? request.Headers.ContentLength > HttpsLimits.MaxBody ? Refuse(exchange, StatusCodes.Status413PayloadTooLarge) : AnswerPostAsync(exchange, client)
                : Refuse(exchange, StatusCodes.Status415UnsupportedMediaType);
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return AnswerGet(exchange, client);
        }

        exchange.Response.Headers.Allow = "GET, HEAD, POST";
        return Refuse(exchange, StatusCodes.Status405MethodNotAllowed);
    }

    private static bool IsMediaType(string? type)
    {
        var end = type?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        return type is not null && (end < 0 ? type : type[..end]).Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task AnswerPostAsync(HttpsExchange exchange, IHttpsClient client)
    {
        var reader = exchange.Body;
        while (true)
        {
            System.IO.Pipelines.ReadResult body;
            try
            {
                body = await reader.ReadAsync().ConfigureAwait(false);
            }
            catch (BadHttpRequestException exception)
            {
                await Refuse(exchange, exception.StatusCode).ConfigureAwait(false);      // too long, too slow, or broken: the server says which
                return;
            }

            if (body.Buffer.Length > HttpsLimits.MaxBody)
            {
                reader.AdvanceTo(body.Buffer.End);
                await Refuse(exchange, StatusCodes.Status413PayloadTooLarge).ConfigureAwait(false);
                return;
            }

            if (!body.IsCompleted)
            {
                reader.AdvanceTo(body.Buffer.Start, body.Buffer.End);
                continue;
            }

            await RespondAsync(exchange, AskAsync(client, body.Buffer)).ConfigureAwait(false);
            reader.AdvanceTo(body.Buffer.End);
            return;
        }
    }

    private static ValueTask<HttpsAnswer> AskAsync(IHttpsClient client, in ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            return client.AnswerAsync(body.FirstSpan);
        }

        Span<byte> whole = stackalloc byte[(int)body.Length];
        body.CopyTo(whole);
        return client.AnswerAsync(whole);
    }

    private static Task AnswerGet(HttpsExchange exchange, IHttpsClient client)
    {
        if (exchange.Request.QueryString is not { Length: <= HttpsLimits.MaxUri } query)
        {
            return Refuse(exchange, StatusCodes.Status414UriTooLong);
        }

        Span<byte> message = stackalloc byte[HttpsLimits.MaxBody];
        return TryDecode(query, message, out var length)
            ? RespondAsync(exchange, client.AnswerAsync(message[..length]))
            : Refuse(exchange, length > 0 ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest);
    }

    /// <summary>Finds the parameter <c>dns</c>. A length above 0 with false: it is there, but too long.</summary>
    private static bool TryDecode(ReadOnlySpan<char> query, Span<byte> message, out int length)
    {
        length = 0;
        foreach (var range in query.TrimStart('?').Split('&'))
        {
            var parameter = query.TrimStart('?')[range];
            if (parameter.StartsWith("dns=", StringComparison.Ordinal))
            {
                var text = parameter[4..];
                var status = Base64Url.DecodeFromChars(text, message, out _, out length);
                if (status == OperationStatus.DestinationTooSmall)
                {
                    length = HttpsLimits.MaxBody + 1;
                    return false;
                }

                length = status == OperationStatus.Done ? length : 0;
                return length > 0;
            }
        }

        return false;
    }

    private static Task RespondAsync(HttpsExchange exchange, ValueTask<HttpsAnswer> answer)
        => answer.IsCompletedSuccessfully ? WriteAsync(exchange, answer.Result) : RespondLaterAsync(exchange, answer);

    private static async Task RespondLaterAsync(HttpsExchange exchange, ValueTask<HttpsAnswer> answer)
        => await WriteAsync(exchange, await answer.ConfigureAwait(false)).ConfigureAwait(false);

    private static Task WriteAsync(HttpsExchange exchange, in HttpsAnswer answer)
    {
        if (!answer.IsOfQuery)
        {
            return Refuse(exchange, StatusCodes.Status400BadRequest);
        }

        if (answer.Buffer is not { } buffer)
        {
            exchange.Abort();       // a rule says that there is no answer
            return Task.CompletedTask;
        }

        var headers = exchange.Response.Headers;
        headers.ContentType = MediaType;
        headers.ContentLength = answer.Length;
        headers.CacheControl = MaxAge(answer.MaxAge);
        if (!HttpMethods.IsHead(exchange.Request.Method))
        {
            buffer.AsSpan(0, answer.Length).CopyTo(exchange.Output.GetSpan(answer.Length));
            exchange.Output.Advance(answer.Length);
        }

        Buffers.Return(buffer);
        return Task.CompletedTask;      // the server flushes it with the headers
    }

    private static string MaxAge(uint seconds) => seconds < s_maxAges.Length ? s_maxAges[seconds] ??= WriteMaxAge(seconds) : WriteMaxAge(seconds);

    private static string WriteMaxAge(uint seconds) => string.Create(CultureInfo.InvariantCulture, $"max-age={seconds}");

    private static Task Refuse(HttpsExchange exchange, int status)
    {
        exchange.Connection?.Client?.RequestRefused();
        exchange.Response.StatusCode = status;
        exchange.Response.Headers.ContentLength = 0;
        return Task.CompletedTask;
    }
}
