using System.Globalization;

namespace DnsFlow.Protocol;

/// <summary>Classes in text: the mnemonic, or <c>CLASSnnn</c> where there is none (RFC 3597 section 5).</summary>
public static class RecordClasses
{
    /// <summary>The mnemonic or <c>CLASSnnn</c>.</summary>
    public static string ToText(this RecordClass @class) =>
        Enum.GetName(@class) ?? string.Create(CultureInfo.InvariantCulture, $"CLASS{(ushort)@class}");

    /// <summary>Reads a mnemonic or <c>CLASSnnn</c> in any letter case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out RecordClass @class)
    {
        foreach (var known in Enum.GetValues<RecordClass>())
        {
            if (text.Equals(Enum.GetName(known), StringComparison.OrdinalIgnoreCase))
            {
                @class = known;
                return true;
            }
        }

        var numbered = Mnemonic.TryParseNumbered("CLASS", text, out var number);
        @class = (RecordClass)number;
        return numbered;
    }
}
