using System.Text;
using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads rules of AdBlock and AdGuard DNS.</summary>
internal sealed class AdBlockReader(ListBuilder list) : IListReader
{
    private static readonly System.Buffers.SearchValues<byte> s_urlOctets = System.Buffers.SearchValues.Create("/:?=&%;,+~()[]{}\\"u8);
    private static readonly byte[][] s_cosmetic =
    [
        "##"u8.ToArray(), "#@#"u8.ToArray(), "#?#"u8.ToArray(), "#@?#"u8.ToArray(), "#$#"u8.ToArray(), "#@$#"u8.ToArray(), "#%#"u8.ToArray(),
        "#@%#"u8.ToArray(), "#$?#"u8.ToArray(), "#@$?#"u8.ToArray(), "$$"u8.ToArray(), "$@$"u8.ToArray(),
    ];

    private readonly byte[] _name = new byte[WireName.MaxLength];
    private readonly HostsReader _hosts = new(list);
    private readonly ModifierReader _modifiers = new();

    /// <summary>Whether a line is a rule on elements of pages.</summary>
    public static bool IsCosmetic(ReadOnlySpan<byte> line)
    {
        if (!line.ContainsAny((byte)'#', (byte)'$'))
        {
            return false;
        }

        foreach (var mark in s_cosmetic)
        {
            // "##" at the very beginning may be a comment of a hosts file: a blank follows then.
            var at = line.IndexOf(mark);
            if (at > 0 || (at == 0 && line.Length > mark.Length && line[mark.Length] is not ((byte)' ' or (byte)'#')))
            {
                return true;
            }
        }

        return false;
    }

    public void Read(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t"u8);
        if (line.IsEmpty || line[0] is (byte)'!' or (byte)'[')
        {
            return;
        }

        // Nearly all lines of nearly all lists.
        if (line.StartsWith("||"u8) && line[^1] == '^' && ListNames.Read(line[2..^1], _name, out var length) is null)
        {
            list.Add(_name.AsSpan(0, length), NameScope.AtAndBelow);
        }
        else if (IsCosmetic(line))
        {
            list.Skip(SkipReason.Cosmetic);
        }
        else if (line[0] != '#')
        {
            ReadRule(line);
        }
    }

    public void End()
    {
    }

    private void ReadRule(ReadOnlySpan<byte> line)
    {
        var rest = line;
        if (HostsReader.TryReadAddress(Words.Take(ref rest), out _) && !rest.IsEmpty)
        {
            _hosts.Read(line);
            return;
        }

        var isException = line.StartsWith("@@"u8);
        var rule = isException ? line[2..] : line;
        var pattern = TakePattern(rule, out var modifierText, out var isExpression);
        if (_modifiers.Read(modifierText, out var modifiers) is { } reason)
        {
            list.Skip(reason);
            return;
        }

        var flags = modifiers.Flags | (isException ? EntryFlags.Exception : EntryFlags.None);
        var text = Encoding.UTF8.GetString(line);
        if (isExpression)
        {
            AddExpression(pattern, flags, modifiers, text);
        }
        else if (!TryAddName(pattern, flags, modifiers))
        {
            AddGlob(pattern, flags, modifiers, text);
        }
    }

    /// <summary>Cuts a rule into its pattern and its modifiers, which begin at the last dollar sign that is not escaped.</summary>
    private static ReadOnlySpan<byte> TakePattern(ReadOnlySpan<byte> rule, out ReadOnlySpan<byte> modifiers, out bool isExpression)
    {
        var from = rule.Length > 1 && rule[0] == '/' ? rule.LastIndexOf("/$"u8) + 1 : 0;
        var dollar = from == 0 && rule.Length > 1 && rule[0] == '/' && rule[^1] == '/' ? -1 : from > 1 ? from : rule.LastIndexOf((byte)'$');
        while (dollar > 0 && rule[dollar - 1] == '\\')
        {
            dollar = rule[..(dollar - 1)].LastIndexOf((byte)'$');
        }

        modifiers = dollar < 0 ? default : rule[(dollar + 1)..];
        var pattern = dollar < 0 ? rule : rule[..dollar];
        isExpression = pattern.Length > 2 && pattern[0] == '/' && pattern[^1] == '/';
        return pattern;
    }

    /// <summary>Adds a pattern that is one name with what is below it, or only it: found by the index, not tried.</summary>
    private bool TryAddName(ReadOnlySpan<byte> pattern, EntryFlags flags, in Modifiers modifiers)
    {
        var scope = NameScope.Exact;
        var name = pattern;
        if (name.StartsWith("||"u8))
        {
            name = name[2..];
            if (!TrimEnd(ref name))
            {
                return false;
            }

            scope = name.StartsWith("*."u8) ? NameScope.Below : NameScope.AtAndBelow;
            name = scope == NameScope.Below ? name[2..] : name;
        }
        else if (name.StartsWith("|"u8))
        {
            name = name[1..];
            if (!TrimEnd(ref name))
            {
                return false;
            }
        }
        else if (name.EndsWith("."u8) || !name.Contains((byte)'.'))
        {
            return false;
        }
        else
        {
            scope = list.WithSubdomains ? NameScope.AtAndBelow : NameScope.Exact;
        }

        if (ListNames.Read(name, _name, out var length) is not null)
        {
            return false;
        }

        AddOrCancel(_name.AsSpan(0, length), scope, flags, modifiers);
        return true;
    }

    /// <summary>Takes the mark of the name's end away; false when there is none.</summary>
    private static bool TrimEnd(ref ReadOnlySpan<byte> name)
    {
        var length = name.Length;
        name = name.TrimEnd("^|"u8);
        return name.Length < length;
    }

    private void AddOrCancel(ReadOnlySpan<byte> name, NameScope scope, EntryFlags flags, in Modifiers modifiers)
    {
        if (modifiers.CancelsRule)
        {
            list.Cancel(name, scope, flags, modifiers.Detail);
        }
        else
        {
            list.Add(name, scope, flags, modifiers.Detail);
        }
    }

    private void AddGlob(ReadOnlySpan<byte> pattern, EntryFlags flags, in Modifiers modifiers, string text)
    {
        var atLabel = pattern.StartsWith("||"u8);
        var body = pattern.TrimStart("|"u8);
        var atStart = !atLabel && body.Length < pattern.Length;
        var atEnd = TrimEnd(ref body);
        if (body.ContainsAny(s_urlOctets) || body.Contains((byte)'^') || body.Contains((byte)'|'))
        {
            list.Skip(SkipReason.UrlPath);
        }
        else if (body.ContainsAnyExceptInRange((byte)'*', (byte)'z'))
        {
            list.Skip(SkipReason.NotAName);
        }
        else if (body.IndexOfAnyExcept((byte)'*', (byte)'.') < 0)
        {
            list.Skip(SkipReason.CoversEverything);
        }
        else
        {
            AddPattern(new GlobPattern(Encoding.ASCII.GetString(body).ToLowerInvariant(), atStart, atLabel, atEnd), text, flags, modifiers);
        }
    }

    private void AddExpression(ReadOnlySpan<byte> pattern, EntryFlags flags, in Modifiers modifiers, string text)
    {
        var expression = Encoding.UTF8.GetString(pattern[1..^1]);
        if (expression.Contains('/', StringComparison.Ordinal))
        {
            list.Skip(SkipReason.UrlPath);
        }
        else if (!list.TryTakeExpression())
        {
            return;
        }
        else if (ExpressionPattern.Create(expression) is { } made)
        {
            if (made.Covers(""))
            {
                list.Skip(SkipReason.CoversEverything);
                return;
            }

            AddPattern(made, text, flags, modifiers);
        }
        else
        {
            list.Skip(SkipReason.BadExpression);
        }
    }

    private void AddPattern(ITextPattern pattern, string text, EntryFlags flags, in Modifiers modifiers)
    {
        if (modifiers.CancelsRule)
        {
            list.CancelPattern(WithoutBadFilter(text));
        }
        else
        {
            list.AddPattern(pattern, text, flags, modifiers.Detail);
        }
    }

    private static string WithoutBadFilter(string text) => text
        .Replace(",badfilter", "", StringComparison.Ordinal).Replace("$badfilter,", "$", StringComparison.Ordinal).Replace("$badfilter", "", StringComparison.Ordinal);
}
