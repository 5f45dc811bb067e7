using System.Collections.Frozen;
using System.Globalization;

namespace DnsFlow.Protocol;

/// <summary>Record types in text: the IANA mnemonic, or <c>TYPEnnn</c> where there is none (RFC 3597 section 5).</summary>
public static class RecordTypes
{
    private static readonly FrozenDictionary<RecordType, string> s_names = Enum.GetValues<RecordType>()
        .Where(type => type != RecordType.None)
        .ToFrozenDictionary(type => type, type => type == RecordType.NSAPPTR ? "NSAP-PTR" : type.ToString());

    private static readonly FrozenDictionary<string, RecordType>.AlternateLookup<ReadOnlySpan<char>> s_types = s_names
        .ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The mnemonic or <c>TYPEnnn</c>.</summary>
    public static string ToText(this RecordType type) =>
        s_names.TryGetValue(type, out var name) ? name : string.Create(CultureInfo.InvariantCulture, $"TYPE{(ushort)type}");

    /// <summary>Reads a mnemonic or <c>TYPEnnn</c> in any letter case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out RecordType type)
    {
        if (s_types.TryGetValue(text, out type))
        {
            return true;
        }

        var known = Mnemonic.TryParseNumbered("TYPE", text, out var number);
        type = (RecordType)number;
        return known;
    }

    /// <summary>Whether a type is a question or a message's own matter and never data in a zone (RFC 6895 section 3.1: OPT and 128 to 255).</summary>
    public static bool IsMeta(this RecordType type) => type is RecordType.None or RecordType.OPT or (>= (RecordType)128 and <= (RecordType)255);
}
