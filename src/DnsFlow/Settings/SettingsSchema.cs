using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DnsFlow.Settings;

/// <summary>Writes the JSON Schema (draft 2020-12) of a shape: editors complete and check by it what the validator will judge.</summary>
internal sealed class SettingsSchema : IDisposable
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly MemoryStream _text = new();
    private readonly Utf8JsonWriter _json;
    private readonly Func<SettingsShape, IEnumerable<SettingsKey>> _more;

    private SettingsSchema(Func<SettingsShape, IEnumerable<SettingsKey>> more)
    {
        _json = new Utf8JsonWriter(_text, Readable);
        _more = more;
    }

    /// <summary>The schema of a file that has <paramref name="shape"/> as its section <paramref name="section"/>, beside others.</summary>
    /// <param name="section">The section.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="more">The keys that an open shape may have moreover.</param>
    public static string Write(string section, SettingsShape shape, Func<SettingsShape, IEnumerable<SettingsKey>> more)
    {
        using var schema = new SettingsSchema(more);
        schema.WriteFile(section, shape);
        return Encoding.UTF8.GetString(schema._text.ToArray()) + "\n";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _text.Dispose();
    }

    private void WriteFile(string section, SettingsShape shape)
    {
        _json.WriteStartObject();
        _json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        _json.WriteString("title", section);
        _json.WriteString("type", "object");
        _json.WriteStartObject("properties");
        _json.WriteStartObject(section);
        WriteObject(shape);
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
    }

    private void WriteObject(SettingsShape shape)
    {
        _json.WriteString("type", "object");
        _json.WriteString("description", shape.Description);
        _json.WriteStartObject("properties");
        foreach (var key in shape.Keys.Concat(shape.IsOpen ? _more(shape) : []).DistinctBy(static key => key.Name).Where(static key => key.Form != SettingsKeyForm.Later))
        {
            _json.WriteStartObject(key.Name);
            WriteKey(key);
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
        _json.WriteBoolean("additionalProperties", shape.IsOpen);
    }

    private void WriteKey(SettingsKey key)
    {
        switch (key.Form)
        {
            case SettingsKeyForm.Object:
                WriteObject(key.Shape!);
                break;
            case SettingsKeyForm.ObjectList:
                _json.WriteString("type", "array");
                _json.WriteStartObject("items");
                WriteObject(key.Shape!);
                _json.WriteEndObject();
                break;
            case SettingsKeyForm.Map:
                _json.WriteString("type", "object");
                _json.WriteString("description", key.Shape!.Description);
                _json.WriteStartObject("propertyNames");
                _json.WriteString("pattern", $"^[A-Za-z0-9._-]{{1,{SettingsNames.MaxLength}}}$");
                _json.WriteEndObject();
                _json.WriteStartObject("additionalProperties");
                WriteObject(key.Shape!);
                _json.WriteEndObject();
                break;
            default:
                WriteValues(key);
                break;
        }
    }

    // The configuration is text: a number or a truth value is as good as the text of it, and one value alone is a list of one.
    private void WriteValues(SettingsKey key)
    {
        _json.WriteString("description", $"{key.Description} Allowed: {key.Allowed}.");
        if (key.Form != SettingsKeyForm.List)
        {
            WriteValue(key);
            return;
        }

        _json.WriteStartArray("anyOf");
        _json.WriteStartObject();
        _json.WriteString("type", "array");
        _json.WriteStartObject("items");
        WriteValue(key);
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteStartObject();
        WriteValue(key);
        _json.WriteEndObject();
        _json.WriteEndArray();
    }

    private void WriteValue(SettingsKey key)
    {
        if (key.Names.Count == 0)
        {
            _json.WriteStartArray("type");
            foreach (var type in (string[])["string", "number", "boolean"])
            {
                _json.WriteStringValue(type);
            }

            _json.WriteEndArray();
            return;
        }

        _json.WriteStartArray("enum");
        foreach (var name in key.Names)
        {
            _json.WriteStringValue(name);
            if (bool.TryParse(name, out var truth))
            {
                _json.WriteBooleanValue(truth);
            }
        }

        _json.WriteEndArray();
    }
}
