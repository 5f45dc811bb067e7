using System.Collections.Immutable;
using System.Net;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads the modifiers of rules. A rule with one that is not known is skipped whole: that is how lists for browsers stay harmless.</summary>
internal sealed class ModifierReader
{
    private const int MaxKnown = 1_000;

    private readonly Dictionary<string, (string? Reason, Modifiers Modifiers)> _known = new(StringComparer.Ordinal);

    /// <summary>Reads what is behind the dollar sign. Returns null, or why the rule is skipped.</summary>
    public string? Read(ReadOnlySpan<byte> octets, out Modifiers modifiers)
    {
        modifiers = default;
        if (octets.IsEmpty)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(octets);
        if (!_known.TryGetValue(text, out var known))
        {
            known.Reason = Parse(text, out known.Modifiers);
            if (_known.Count == MaxKnown)
            {
                _known.Clear();
            }

            _known.Add(text, known);
        }

        modifiers = known.Modifiers;
        return known.Reason;
    }

    private static string? Parse(string text, out Modifiers modifiers)
    {
        modifiers = default;
        var detail = new EntryDetail { Text = "" };
        var texts = new List<string>();
        foreach (var part in Split(text, ','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (part.Trim(), null) : (part[..equals].Trim(), part[(equals + 1)..]);
            switch (name)
            {
                case "important" when value is null:
                    modifiers = modifiers with { Flags = modifiers.Flags | EntryFlags.Important };
                    continue;
                case "badfilter" when value is null:
                    modifiers = modifiers with { CancelsRule = true };
                    continue;
            }

            if (Apply(name, value, ref detail) is { } reason)
            {
                return reason;
            }

            texts.Add(part.Trim());
        }

        modifiers = modifiers with { Detail = texts.Count == 0 ? null : detail with { Text = "$" + string.Join(',', texts.Order(StringComparer.Ordinal)) } };
        return null;
    }

    private static string? Apply(string name, string? value, ref EntryDetail detail) => name switch
    {
        "dnstype" => ApplyTypes(value, ref detail),
        "dnsrewrite" => Rewrites.Apply(value ?? "", ref detail) ? null : SkipReason.BadModifier,
        "client" => ApplyClients(value, ref detail),
        "ctag" => SkipReason.ClientName,
        "denyallow" => ApplyDenyAllow(value, ref detail),
        _ => SkipReason.UnknownModifier,
    };

    private static string? ApplyTypes(string? value, ref EntryDetail detail)
    {
        var types = ImmutableArray.CreateBuilder<RecordType>();
        var excluded = 0;
        foreach (var word in Split(value ?? "", '|'))
        {
            var isExcluded = word.StartsWith('~');
            excluded += isExcluded ? 1 : 0;
            if (!RecordTypes.TryParse(isExcluded ? word.AsSpan(1) : word, out var type))
            {
                return SkipReason.BadModifier;
            }

            types.Add(type);
        }

        detail = detail with { Types = types.ToImmutable(), ExceptTypes = excluded > 0 };
        return excluded == 0 || excluded == types.Count ? null : SkipReason.BadModifier;
    }

    private static string? ApplyClients(string? value, ref EntryDetail detail)
    {
        var clients = new List<IPNetwork>();
        var excluded = new List<IPNetwork>();
        foreach (var word in Split(value ?? "", '|'))
        {
            var isExcluded = word.StartsWith('~');
            var text = (isExcluded ? word[1..] : word).Trim('\'', '"');
            if (!Settings.NetworkText.TryParseNetwork(text, out var network))
            {
                return SkipReason.ClientName;
            }

            (isExcluded ? excluded : clients).Add(network);
        }

        detail = detail with
        {
            Clients = clients.Count == 0 ? null : new NetworkSet(clients),
            NotClients = excluded.Count == 0 ? null : new NetworkSet(excluded),
        };
        return null;
    }

    private static string? ApplyDenyAllow(string? value, ref EntryDetail detail)
    {
        var names = ImmutableArray.CreateBuilder<byte[]>();
        var wire = new byte[WireName.MaxLength];
        foreach (var word in Split(value ?? "", '|'))
        {
            if (ListNames.Read(Encoding.UTF8.GetBytes(word), wire, out var length) is not null)
            {
                return SkipReason.BadModifier;
            }

            names.Add(wire[..length]);
        }

        detail = detail with { DenyAllow = names.ToImmutable() };
        return null;
    }

    /// <summary>Splits at a character unless a backslash stands before it or quotes around it.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && text[i + 1] is ',' or '|' or '"' or '\'')
            {
                part.Append(text[++i]);
            }
            else if (c == separator && quote == 0)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                quote = quote == 0 && c is '"' or '\'' && quote == 0 ? c : c == quote ? '\0' : quote;
                part.Append(c);
            }
        }

        parts.Add(part.ToString());
        return parts;
    }
}
