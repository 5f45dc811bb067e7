using System.Globalization;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// The records of one $GENERATE, as name servers have always written them: <c>$GENERATE 1-20/2 host-${0,3,d} A 192.0.2.$</c>. <c>$</c> stands for the
/// number, <c>${offset,width,base}</c> for the number plus the offset, filled to the width, in base d, o, x, X, or as nibbles of a reverse name (n, N);
/// <c>$$</c> and <c>\$</c> are a dollar sign.
/// </summary>
internal sealed class ZoneGenerator
{
    /// <summary>The most records of one directive.</summary>
    public const int MaxCount = 1_000_000;

    /// <summary>What the directive is like, for messages.</summary>
    public const string Allowed = "$GENERATE needs a range and a record, as in '$GENERATE 1-20 host-$ A 192.0.2.$'";

    private const int MaxWidth = 127;

    private readonly List<PresentationToken> _template;
    private readonly StringBuilder _text = new();
    private readonly long _stop;
    private readonly long _step;
    private long _next;

    private ZoneGenerator(long start, long stop, long step, List<PresentationToken> template) => (_next, _stop, _step, _template) = (start, stop, step, template);

    /// <summary>Reads the range; the rest of the entry is the record. Null, and the reason, when it is none.</summary>
    public static ZoneGenerator? Create(ZoneFileEntry entry, out string? error)
    {
        error = null;
        if (entry.Next() is not { } range || entry.Rest.Length < 2)
        {
            error = Allowed;
            return null;
        }

        if (!TryReadRange(range, out var start, out var stop, out var step))
        {
            error = $"'{ZoneFileWords.Shorten(range)}' is not a range; it is start-stop or start-stop/step, as in 1-254 or 0-30/2, from 0 to {int.MaxValue}";
        }
        else if (((stop - start) / step) + 1 > MaxCount)
        {
            error = $"$GENERATE {ZoneFileWords.Shorten(range)} makes {((stop - start) / step) + 1:N0} records; at most {MaxCount:N0} are allowed";
        }

        return error is null ? new ZoneGenerator(start, stop, step, [.. entry.Rest]) : null;
    }

    /// <summary>Writes the words of the next record; false when there is none left, or the record cannot be made and <paramref name="error"/> says why.</summary>
    public bool TryMake(List<PresentationToken> words, out string? error)
    {
        words.Clear();
        error = null;
        if (_next > _stop)
        {
            return false;
        }

        for (var i = 0; i < _template.Count; i++)
        {
            var token = _template[i];
            if ((error = Expand(token.Span)) is not null)
            {
                return false;
            }

            // A whole record's data may stand in one pair of quotes: "10 mail-$".
            if (token.IsQuoted && i == _template.Count - 1 && !_template[i - 1].IsQuoted)
            {
                if (!PresentationToken.TrySplit(_text.ToString(), words))
                {
                    error = "a quote is not closed";
                    return false;
                }
            }
            else
            {
                words.Add(new PresentationToken(_text.ToString().AsMemory(), token.IsQuoted));
            }
        }

        _next += _step;
        return true;
    }

    private static bool TryReadRange(string text, out long start, out long stop, out long step)
    {
        (start, stop, step) = (0, 0, 1);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return dash > 0
            && TryReadNumber(text.AsSpan(0, dash), out start)
            && TryReadNumber(slash < 0 ? text.AsSpan(dash + 1) : text.AsSpan(dash + 1, Math.Max(0, slash - dash - 1)), out stop)
            && (slash < 0 || TryReadNumber(text.AsSpan(slash + 1), out step))
            && start <= stop && step > 0;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= int.MaxValue;

    /// <summary>Writes one word with the number put in; returns what is wrong with it.</summary>
    private string? Expand(ReadOnlySpan<char> template)
    {
        _text.Clear();
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (c == '\\' && i + 1 < template.Length)
            {
                _text.Append(c).Append(template[++i]);
            }
            else if (c != '$')
            {
                _text.Append(c);
            }
            else if (i + 1 < template.Length && template[i + 1] == '$')
            {
                _text.Append(template[++i]);
            }
            else if (i + 1 < template.Length && template[i + 1] == '{')
            {
                var end = template[i..].IndexOf('}');
                if (end < 0 || !TryAppend(template.Slice(i + 2, end - 2)))
                {
                    return $"'{ZoneFileWords.Shorten(template[i..].ToString())}' is not a modifier; it is ${{offset}}, ${{offset,width}} or ${{offset,width,base}} with base d, o, x, X, n or N and a width up to {MaxWidth}";
                }

                i += end;
            }
            else
            {
                _text.Append(CultureInfo.InvariantCulture, $"{_next}");
            }
        }

        return null;
    }

    private bool TryAppend(ReadOnlySpan<char> modifier)
    {
        Span<Range> parts = stackalloc Range[4];
        var count = modifier.Split(parts, ',');
        var width = 0;
        if (count is < 1 or > 3
            || !int.TryParse(modifier[parts[0]], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset)
            || (count > 1 && (!int.TryParse(modifier[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width > MaxWidth))
            || (count > 2 && modifier[parts[2]].Length != 1)
            || _next + offset > int.MaxValue)
        {
            return false;
        }

        return TryAppend(_next + offset, width, count > 2 ? modifier[parts[2]][0] : 'd');
    }

    private bool TryAppend(long value, int width, char @base)
    {
        switch (@base)
        {
            case 'd':
                var digits = Math.Abs(value).ToString(CultureInfo.InvariantCulture);
                _text.Append(value < 0 ? "-" : "").Append('0', Math.Max(0, width - digits.Length - (value < 0 ? 1 : 0))).Append(digits);
                return true;
            case 'o':
                _text.Append(Convert.ToString((int)value, 8).PadLeft(width, '0'));
                return true;
            case 'x' or 'X':
                _text.Append(((uint)value).ToString(@base == 'x' ? "x" : "X", CultureInfo.InvariantCulture).PadLeft(width, '0'));
                return true;
            case 'n' or 'N':
                AppendNibbles((uint)value, width, @base == 'n' ? "0123456789abcdef" : "0123456789ABCDEF");
                return true;
            default:
                return false;
        }
    }

    /// <summary>Hexadecimal digits from the last to the first with dots between, as ip6.arpa has them; the dots count in the width.</summary>
    private void AppendNibbles(uint value, int width, string digits)
    {
        do
        {
            _text.Append(digits[(int)(value & 15)]);
            value >>= 4;
            width--;
            if (width > 0 || value != 0)
            {
                _text.Append('.');      // the last character of an even width
                width--;
            }
        }
        while (width > 0 || value != 0);
    }
}
