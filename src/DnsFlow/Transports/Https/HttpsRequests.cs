using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using DnsFlow.Limits;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace DnsFlow.Transports.Https;

/// <summary>Requests as RFC 8484 has them: GET and HEAD with the query in base64url, POST with it as the body. What does not fit gets its status.</summary>
internal static class HttpsRequests
{
    private const string MediaType = "application/dns-message";

    /// <summary>Answers one request.</summary>
    public static Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.Features.Get<HttpsConnection>() is not { Client: { } client } connection
            || !string.Equals(request.Path.Value, connection.Path, StringComparison.Ordinal))
        {
            return Refuse(context, StatusCodes.Status404NotFound);
        }

        if (client.IsUsedUp)
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        if (HttpMethods.IsPost(request.Method))
        {
            return IsMediaType(request.ContentType)
                ? request.ContentLength > HttpsLimits.MaxBody ? Refuse(context, StatusCodes.Status413PayloadTooLarge) : AnswerPostAsync(context, client)
                : Refuse(context, StatusCodes.Status415UnsupportedMediaType);
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return AnswerGet(context, client);
        }

        context.Response.Headers.Allow = "GET, HEAD, POST";
        return Refuse(context, StatusCodes.Status405MethodNotAllowed);
    }

    private static bool IsMediaType(string? type)
    {
        var end = type?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        return type is not null && (end < 0 ? type : type[..end]).Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task AnswerPostAsync(HttpContext context, IHttpsClient client)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            System.IO.Pipelines.ReadResult body;
            try
            {
                body = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            }
            catch (BadHttpRequestException exception)
            {
                await Refuse(context, exception.StatusCode).ConfigureAwait(false);      // too long, too slow, or broken: the server says which
                return;
            }

            if (body.Buffer.Length > HttpsLimits.MaxBody)
            {
                reader.AdvanceTo(body.Buffer.End);
                await Refuse(context, StatusCodes.Status413PayloadTooLarge).ConfigureAwait(false);
                return;
            }

            if (!body.IsCompleted)
            {
                reader.AdvanceTo(body.Buffer.Start, body.Buffer.End);
                continue;
            }

            await RespondAsync(context, AskAsync(client, body.Buffer)).ConfigureAwait(false);
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

    private static Task AnswerGet(HttpContext context, IHttpsClient client)
    {
        if (context.Request.QueryString.Value is not { Length: <= HttpsLimits.MaxUri } query)
        {
            return Refuse(context, StatusCodes.Status414UriTooLong);
        }

        Span<byte> message = stackalloc byte[HttpsLimits.MaxBody];
        return TryDecode(query, message, out var length)
            ? RespondAsync(context, client.AnswerAsync(message[..length]))
            : Refuse(context, length > 0 ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest);
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

    private static Task RespondAsync(HttpContext context, ValueTask<HttpsAnswer> answer)
        => answer.IsCompletedSuccessfully ? WriteAsync(context, answer.Result) : RespondLaterAsync(context, answer);

    private static async Task RespondLaterAsync(HttpContext context, ValueTask<HttpsAnswer> answer)
        => await WriteAsync(context, await answer.ConfigureAwait(false)).ConfigureAwait(false);

    private static Task WriteAsync(HttpContext context, in HttpsAnswer answer)
    {
        if (!answer.IsOfQuery)
        {
            return Refuse(context, StatusCodes.Status400BadRequest);
        }

        if (answer.Buffer is not { } buffer)
        {
            context.Abort();        // a rule says that there is no answer
            return Task.CompletedTask;
        }

        var response = context.Response;
        response.ContentType = MediaType;
        response.ContentLength = answer.Length;
        response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"max-age={answer.MaxAge}");
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            buffer.AsSpan(0, answer.Length).CopyTo(response.BodyWriter.GetSpan(answer.Length));
            response.BodyWriter.Advance(answer.Length);
        }

        Buffers.Return(buffer);
        return Task.CompletedTask;      // the server flushes it with the headers
    }

    private static Task Refuse(HttpContext context, int status)
    {
        context.Features.Get<HttpsConnection>()?.Client?.RequestRefused();
        context.Response.StatusCode = status;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
