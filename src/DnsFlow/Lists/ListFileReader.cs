namespace DnsFlow.Lists;

/// <summary>Reads one source into a list: finds its syntax, then reads line by line within the bounds.</summary>
internal static class ListFileReader
{
    /// <summary>Reads; returns null, or why the source is refused. Throws <see cref="IOException"/> as its stream does.</summary>
    public static string? Read(Stream stream, ListBuilder list, string source, bool isExcept)
    {
        var lines = new ListLines(stream);
        var sample = lines.Peek();
        list.BeginSource(source, isExcept);
        if (sample.Length < ListLines.PeekSize && IsBlank(sample))
        {
            list.EndSource("empty", 0);
            return lines.Problem;
        }

        if (ListSyntaxes.Find(sample, out var problem) is not { } syntax)
        {
            return problem;
        }

        var reader = syntax.Open(list);
        while (lines.TryNext(out var line) && list.Problem is null)
        {
            list.BeginLine(lines.Number);
            if (lines.IsTooLong)
            {
                list.Skip(SkipReason.TooLong);
                continue;
            }

            reader.Read(line);
        }

        reader.End();
        list.EndSource(syntax.Name, lines.Number);
        return list.Problem ?? lines.Problem;
    }

    /// <summary>A file with comments only is an empty list, as one that is to be filled by hand.</summary>
    private static bool IsBlank(ReadOnlySpan<byte> sample)
    {
        foreach (var range in sample.Split((byte)'\n'))
        {
            var line = sample[range].Trim(" \t\r"u8);
            if (!line.IsEmpty && line[0] is not ((byte)'#' or (byte)'!' or (byte)';'))
            {
                return false;
            }
        }

        return true;
    }
}
