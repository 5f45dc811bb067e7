using System.Text;
using System.Text.Json;

namespace DnsFlow.Settings;

/// <summary>Finds the lines of a JSON file on which keys stand. Reads the file when it is asked for the first time; errors are rare.</summary>
internal sealed class JsonLines
{
    private const int MaxBytes = 16 << 20;

    private readonly Dictionary<string, int> _lines;

    private JsonLines(Dictionary<string, int> lines) => _lines = lines;

    /// <summary>The keys of a file; none when it cannot be read any more.</summary>
    public static JsonLines Read(string file)
    {
        try
        {
            return new FileInfo(file).Length > MaxBytes ? new JsonLines([]) : Parse(File.ReadAllBytes(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return new JsonLines([]);       // it was read a moment ago: without its line the error still has its path
        }
    }

    /// <summary>The keys of a text.</summary>
    public static JsonLines Parse(ReadOnlySpan<byte> text)
    {
        text = text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;
        var walk = new Walk();
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var (line, counted) = (1, 0);
        while (reader.Read())
        {
            var start = (int)reader.TokenStartIndex;
            line += text[counted..start].Count((byte)'\n');
            counted = start;
            walk.Take(ref reader, line);
        }

        return new JsonLines(walk.Lines);
    }

    /// <summary>The line of a path (<c>DnsFlow:QueryRules:2:To</c>), or of the nearest key above it that is there; 0 when none is.</summary>
    public int Find(string path)
    {
        for (var end = path.Length; end > 0; end = path.LastIndexOf(':', end - 1))
        {
            if (_lines.TryGetValue(path[..end], out var line))
            {
                return line;
            }
        }

        return 0;
    }

    private sealed class Walk
    {
        // One for each open object or list: its path, and the number of the next element (-1 in an object).
        private readonly Stack<(string Path, int Next)> _open = new();
        private string _path = "";

        public Dictionary<string, int> Lines { get; } = new(StringComparer.OrdinalIgnoreCase);

        public void Take(ref Utf8JsonReader reader, int line)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                Go(Join(_open.Peek().Path, reader.GetString()!), line);
                return;
            }

            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                _open.Pop();
                return;
            }

            if (_open.TryPop(out var list) && list.Next >= 0)
            {
                Go(Join(list.Path, list.Next.ToString(System.Globalization.CultureInfo.InvariantCulture)), line);
                _open.Push((list.Path, list.Next + 1));
            }
            else if (list.Path is not null)
            {
                _open.Push(list);
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                _open.Push((_path, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
            }
        }

        private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";

        private void Go(string path, int line)
        {
            _path = path;
            Lines.TryAdd(path, line);
        }
    }
}
