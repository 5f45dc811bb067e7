using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using DnsFlow.Protocol;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>What is expected of an HTTP response that carries a DNS message (RFC 8484).</summary>
internal static class HttpsReply
{
    /// <summary>The longest message.</summary>
    public const int MaxLength = ushort.MaxValue;

    /// <summary>What is wrong with the head of a response; null when nothing is.</summary>
    public static string? Problem(HttpResponseMessage response)
        => response.StatusCode != HttpStatusCode.OK ? string.Create(CultureInfo.InvariantCulture, $"answers with HTTP status {(int)response.StatusCode}")
            : response.Content.Headers.ContentType?.MediaType is not "application/dns-message" ? "its response is not application/dns-message"
            : response.Content.Headers.ContentLength > MaxLength ? "its response is longer than a DNS message can be"
            : null;

    /// <summary>Reads a body; at most one octet more than the longest message.</summary>
    public static async ValueTask<int> ReadAsync(HttpContent content, byte[] buffer, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var length = 0;
        while (length <= MaxLength && await stream.ReadAsync(buffer.AsMemory(length, MaxLength + 1 - length), cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            length += count;
        }

        return length;
    }

    /// <summary>A response that an HTTP cache has kept is older by so much: its TTLs are less (RFC 8484 section 5.1). <paramref name="message"/> is whole.</summary>
    public static void Age(HttpResponseMessage response, Span<byte> message)
    {
        if (response.Headers.Age is not { TotalSeconds: >= 1 } age)
        {
            return;
        }

        DnsHeader.TryRead(message, out var header);
        var position = DnsHeader.Size;
        for (var i = 0; i < header.QuestionCount; i++)
        {
            position = WireName.Skip(message, position) + 4;
        }

        for (var i = 0; i < header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i++)
        {
            var fields = message[WireName.Skip(message, position)..];
            if ((RecordType)BinaryPrimitives.ReadUInt16BigEndian(fields) != RecordType.OPT)
            {
                var left = BinaryPrimitives.ReadUInt32BigEndian(fields[4..]) - Math.Min(age.TotalSeconds, BinaryPrimitives.ReadUInt32BigEndian(fields[4..]));
                BinaryPrimitives.WriteUInt32BigEndian(fields[4..], (uint)left);
            }

            position = message.Length - fields.Length + 10 + BinaryPrimitives.ReadUInt16BigEndian(fields[8..]);
        }
    }
}
