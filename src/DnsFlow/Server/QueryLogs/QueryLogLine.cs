using System.Buffers;
using System.Text.Json;
using DnsFlow.Protocol;

namespace DnsFlow.Server.QueryLogs;

/// <summary>Writes decisions as lines of JSON, which <c>dnsflow replay</c> reads (docs/replay.md). For one thread.</summary>
internal sealed class QueryLogLine(PrivacyLevel privacy) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });

    /// <summary>Writes one line with its end.</summary>
    public void Write(in LoggedQuery query, DateTimeOffset time, IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("time"u8, time.UtcDateTime);
        if (privacy.Client(query.Flow.Client) is { } client)
        {
            _json.WriteString("client"u8, client.ToAddress().ToString());
        }

        _json.WriteString("listener"u8, query.Names!.Listener(query.Flow.Listener));
        _json.WriteString("transport"u8, query.Flow.Transport.ToString().ToLowerInvariant());
        _json.WriteString("name"u8, NameText.Print(((ReadOnlySpan<byte>)query.Name)[..query.NameLength]));
        _json.WriteString("type"u8, query.Type.ToText());
        if (query.Class != RecordClass.IN)
        {
            _json.WriteString("class"u8, query.Class.ToText());
        }

        WriteResult(query);
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void WriteResult(in LoggedQuery query)
    {
        _json.WriteString("result"u8, query.Result.ToString().ToLowerInvariant());
        if (query.Names!.Rule(query.Decision) is { } rule)
        {
            _json.WriteString("rule"u8, rule.Name);
            _json.WriteString("action"u8, rule.ActionName);
        }

        if (query.Result is LoggedResult.Answered or LoggedResult.Dropped)
        {
            _json.WriteString("outcome"u8, query.Outcome.ToString().ToLowerInvariant());
        }

        if (query.Result == LoggedResult.Shed)
        {
            _json.WriteString("reason"u8, JsonNamingPolicy.CamelCase.ConvertName(query.Reason.ToString()));
        }

        if (query.Result == LoggedResult.Answered)
        {
            _json.WriteString("code"u8, query.Code.ToText());
        }
        else if (query.Names.Group(query.Group) is { } group)
        {
            _json.WriteString("group"u8, group);
        }

        if (query.List.Describe() is { } entry)
        {
            _json.WriteString("list"u8, entry.List);
            _json.WriteString("entry"u8, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{entry.Source}:{entry.Line}"));
        }
    }
}
