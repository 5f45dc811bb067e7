using System.Text;

namespace DnsFlow.Tests.Repository;

/// <summary>One C# file of the repository.</summary>
/// <param name="Path">Its path from the top of the repository, with slashes.</param>
/// <param name="Text">All of it.</param>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>The text without comments and without what stands between quotes; line numbers stay.</summary>
    public string Code { get; } = Strip(Text);

    public override string ToString() => Path;

    public static string Strip(string text)
    {
        var code = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var end = EndOfIgnored(text, i, out var replacement);
            if (end == i)
            {
                code.Append(text[i++]);
                continue;
            }

            code.Append(replacement).Append('\n', text.AsSpan(i, end - i).Count('\n'));
            i = end;
        }

        return code.ToString();
    }

    private static int EndOfIgnored(string text, int start, out string replacement)
    {
        var rest = text.AsSpan(start);
        replacement = "";
        if (rest.StartsWith("//"))
        {
            return After(text, "\n", start, leave: 1);
        }

        if (rest.StartsWith("/*"))
        {
            return After(text, "*/", start + 2);
        }

        replacement = "\"\"";
        var quotes = rest.Length - rest.TrimStart('"').Length;
        if (quotes >= 3)
        {
            return After(text, new string('"', quotes), start + quotes);
        }

        if (rest.StartsWith("@\"") || rest.StartsWith("@$\"") || rest.StartsWith("$@\""))
        {
            return EndOfVerbatim(text, text.IndexOf('"', start) + 1);
        }

        return rest[0] is '"' or '\'' ? EndOfQuoted(text, start + 1, rest[0]) : start;
    }

    private static int After(string text, string mark, int from, int leave = 0)
    {
        var found = text.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? text.Length : found + mark.Length - leave;
    }

    private static int EndOfVerbatim(string text, int from)
    {
        var i = from;
        while (i < text.Length && (text[i] != '"' || (i + 1 < text.Length && text[i + 1] == '"')))
        {
            i += text[i] == '"' ? 2 : 1;
        }

        return Math.Min(i + 1, text.Length);
    }

    private static int EndOfQuoted(string text, int from, char quote)
    {
        var i = from;
        while (i < text.Length && text[i] != quote && text[i] != '\n')
        {
            i += text[i] == '\\' ? 2 : 1;
        }

        return Math.Min(i + 1, text.Length);
    }
}
