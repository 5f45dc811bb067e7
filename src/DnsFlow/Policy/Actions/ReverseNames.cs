namespace DnsFlow.Policy.Actions;

/// <summary>Reads the names that addresses have (RFC 3596 section 2.5).</summary>
internal static class ReverseNames
{
    private const int Nibbles = 32;

    /// <summary>Reads the address that a name below <c>ip6.arpa</c> stands for; the name is in wire form and lower case. False when it stands for none.</summary>
    public static bool TryReadIPv6(ReadOnlySpan<byte> name, out byte[] address)
    {
        address = [];
        if (name.Length != (2 * Nibbles) + 10 || !name[(2 * Nibbles)..].SequenceEqual("\u0003ip6\u0004arpa\0"u8))
        {
            return false;
        }

        var octets = new byte[Nibbles / 2];
        for (var i = 0; i < Nibbles; i++)
        {
            var digit = name[(2 * i) + 1];
            if (name[2 * i] != 1 || !char.IsAsciiHexDigitLower((char)digit))
            {
                return false;
            }

            var place = Nibbles - 1 - i;
            octets[place / 2] |= (byte)((digit <= '9' ? digit - '0' : digit - 'a' + 10) << (place % 2 == 0 ? 4 : 0));
        }

        address = octets;
        return true;
    }
}
