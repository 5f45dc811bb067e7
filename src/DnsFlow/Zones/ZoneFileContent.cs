using System.Buffers;
using System.Text;

namespace DnsFlow.Zones;

/// <summary>What a text file must be like before its lines are looked at.</summary>
internal static class ZoneFileContent
{
    /// <summary>The most octets of a file.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>The most octets of a line.</summary>
    public const int MaxLineBytes = 64 << 10;

    private static readonly SearchValues<byte> Breaks = SearchValues.Create("\0\r\n"u8);

    /// <summary>Skips a UTF-8 byte order mark and checks the rest; false when the file cannot be read as lines of text, and then says why.</summary>
    public static bool TryPrepare(ReadOnlyMemory<byte> content, string file, ZoneErrors errors, out ReadOnlyMemory<byte> text, int maxBytes = MaxBytes)
    {
        text = content.Span.StartsWith(Encoding.UTF8.Preamble) ? content[3..] : content;
        var octets = text.Span;
        if (octets.Length > maxBytes)
        {
            return errors.Add(file, 0, $"the file is larger than {maxBytes >> 20} MiB, the most that is read");
        }

        if (octets.StartsWith(Encoding.Unicode.Preamble) || octets.StartsWith(Encoding.BigEndianUnicode.Preamble))
        {
            return errors.Add(file, 1, "the file is UTF-16; save it as UTF-8 or ASCII");
        }

        return CheckLines(octets, file, errors);
    }

    private static bool CheckLines(ReadOnlySpan<byte> octets, string file, ZoneErrors errors)
    {
        var line = 1;
        var start = 0;
        for (var position = 0; position <= octets.Length; position++)
        {
            var step = octets[position..].IndexOfAny(Breaks);
            position = step < 0 ? octets.Length : position + step;
            if (position - start > MaxLineBytes)
            {
                return errors.Add(file, line, $"the line is longer than {MaxLineBytes >> 10} KiB, the most that is read");
            }

            if (position < octets.Length && octets[position] == 0)
            {
                return errors.Add(file, line, "a NUL octet: this is not a text file in UTF-8 or ASCII (UTF-16 is not read)");
            }

            if (position < octets.Length && octets[position] == '\r' && (position + 1 == octets.Length || octets[position + 1] != '\n'))
            {
                return errors.Add(file, line, "a carriage return inside a line; lines end in LF or CR LF");
            }

            if (position < octets.Length && octets[position] == '\n')
            {
                line++;
                start = position + 1;
            }
        }

        return true;
    }
}
