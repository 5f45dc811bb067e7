using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DnsFlow.Clients;

/// <summary>The hardware address (MAC, EUI-48) of a network interface. A plain value; 0 = not known.</summary>
/// <param name="Value">The six octets, the first in front.</param>
public readonly record struct HardwareAddress(ulong Value)
{
    /// <summary>Makes one of its octets.</summary>
    public static HardwareAddress From(ReadOnlySpan<byte> octets)
    {
        var value = 0UL;
        foreach (var octet in octets)
        {
            value = (value << 8) | octet;
        }

        return new(value);
    }

    /// <summary>Reads <c>02:42:ac:11:00:02</c>, also with dashes; false when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HardwareAddress address)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = default;
        var parts = text.Split(text.Contains(':', StringComparison.Ordinal) ? ':' : '-');
        Span<byte> octets = stackalloc byte[6];
        if (parts.Length != octets.Length)
        {
            return false;
        }

        for (var i = 0; i < octets.Length; i++)
        {
            if (parts[i].Length != 2 || !byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out octets[i]))
            {
                return false;
            }
        }

        address = From(octets);
        return address.Value != 0;
    }

    /// <summary>The address in lower case with colons.</summary>
    public override string ToString()
    {
        var value = Value;
        return string.Join(':', Enumerable.Range(0, 6).Select(i => ((byte)(value >> (40 - (8 * i)))).ToString("x2", CultureInfo.InvariantCulture)));
    }
}
