using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DnsFlow.Settings;

/// <summary>Writes the merged configuration as one JSON document that could be read again. Values of keys that hold a secret are masked.</summary>
internal static class SettingsDocument
{
    private const string Mask = "***";

    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Secrets belong into files; should a key of a host's own hold one all the same, its name says so.
    private static readonly string[] SecretEndings = ["Secret", "Password", "Token", "ApiKey"];

    /// <summary>The document with the section at its key.</summary>
    public static string Write(string section, SettingsNode node)
    {
        var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, Readable))
        {
            json.WriteStartObject();
            json.WritePropertyName(section);
            Write(json, node, isSecret: false, isRoot: true);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, SettingsNode node, bool isSecret, bool isRoot = false)
    {
        if (node.IsList)
        {
            json.WriteStartArray();
            foreach (var child in node.Children)
            {
                Write(json, child, isSecret);
            }

            json.WriteEndArray();
        }
        else if (node.Children.Count > 0 || isRoot)
        {
            json.WriteStartObject();
            foreach (var child in node.Children)
            {
                json.WritePropertyName(child.Key);
                Write(json, child, SecretEndings.Any(ending => child.Key.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
            }

            json.WriteEndObject();
        }
        else
        {
            WriteValue(json, node.Value, isSecret);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, string? value, bool isSecret)
    {
        if (value is null)
        {
            json.WriteNullValue();
        }
        else if (isSecret)
        {
            json.WriteStringValue(Mask);
        }
        else if (value is "")
        {
            json.WriteStartArray();         // how the reader of JSON writes an empty list
            json.WriteEndArray();
        }
        else if (value is "True" or "False" or "true" or "false")
        {
            json.WriteBooleanValue(value is "True" or "true");
        }
        else if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == value)
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(value);
        }
    }
}
