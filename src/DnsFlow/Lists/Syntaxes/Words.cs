namespace DnsFlow.Lists.Syntaxes;

/// <summary>Cuts lines of octets into words.</summary>
internal static class Words
{
    /// <summary>Takes the next word of a line, blanks and tabs between; empty at its end.</summary>
    public static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t"u8);
        var end = line.IndexOfAny((byte)' ', (byte)'\t');
        var word = end < 0 ? line : line[..end];
        line = line[word.Length..];
        return word;
    }

    /// <summary>A line without its comment and the blanks at its ends. A comment begins with <c>#</c> at the beginning or behind a blank.</summary>
    public static ReadOnlySpan<byte> WithoutComment(ReadOnlySpan<byte> line)
    {
        for (var i = line.IndexOf((byte)'#'); i >= 0;)
        {
            if (i == 0 || line[i - 1] is (byte)' ' or (byte)'\t')
            {
                line = line[..i];
                break;
            }

            var next = line[(i + 1)..].IndexOf((byte)'#');
            i = next < 0 ? -1 : i + 1 + next;
        }

        return line.Trim(" \t"u8);
    }
}
