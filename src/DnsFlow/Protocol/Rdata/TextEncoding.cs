namespace DnsFlow.Protocol.Rdata;

/// <summary>An encoding of octets as text.</summary>
internal abstract class TextEncoding
{
    public static readonly TextEncoding Hex = new HexEncoding();
    public static readonly TextEncoding Base64 = new Base64Encoding();
    public static readonly TextEncoding Base32Hex = new Base32HexEncoding();

    /// <summary>What a reader is told to write.</summary>
    public abstract string Name { get; }

    public abstract string Encode(ReadOnlySpan<byte> octets);

    /// <summary>Appends the octets; false when the text is malformed. White space is malformed too.</summary>
    public abstract bool TryDecode(ReadOnlySpan<char> text, List<byte> octets);

    private sealed class HexEncoding : TextEncoding
    {
        public override string Name => "hexadecimal digits in pairs";

        public override string Encode(ReadOnlySpan<byte> octets) => Convert.ToHexString(octets);

        public override bool TryDecode(ReadOnlySpan<char> text, List<byte> octets)
        {
            if (text.Length % 2 != 0)
            {
                return false;
            }

            for (var i = 0; i < text.Length; i += 2)
            {
                if (!char.IsAsciiHexDigit(text[i]) || !char.IsAsciiHexDigit(text[i + 1]))
                {
                    return false;
                }

                octets.Add(byte.Parse(text.Slice(i, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null));
            }

            return true;
        }
    }

    private sealed class Base64Encoding : TextEncoding
    {
        public override string Name => "base64";

        public override string Encode(ReadOnlySpan<byte> octets) => Convert.ToBase64String(octets);

        public override bool TryDecode(ReadOnlySpan<char> text, List<byte> octets)
        {
            var decoded = new byte[(text.Length / 4 * 3) + 3];
            if (text.ContainsAny(' ', '\t') || text.ContainsAny('\r', '\n') || !Convert.TryFromBase64Chars(text, decoded, out var length))
            {
                return false;
            }

            octets.AddRange(decoded.AsSpan(0, length));
            return true;
        }
    }

    /// <summary>RFC 4648 section 7 without padding, as NSEC3 writes it; letter case is ignored.</summary>
    private sealed class Base32HexEncoding : TextEncoding
    {
        private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

        public override string Name => "base32hex without padding";

        public override string Encode(ReadOnlySpan<byte> octets)
        {
            var text = new System.Text.StringBuilder();
            var (bits, count) = (0, 0);
            foreach (var octet in octets)
            {
                bits = (bits << 8) | octet;
                for (count += 8; count >= 5; count -= 5)
                {
                    text.Append(Digits[(bits >> (count - 5)) & 31]);
                }

                bits &= 31;     // fewer than five bits are left: the rest is in the text
            }

            return count == 0 ? text.ToString() : text.Append(Digits[(bits << (5 - count)) & 31]).ToString();
        }

        public override bool TryDecode(ReadOnlySpan<char> text, List<byte> octets)
        {
            var (bits, count) = (0, 0);
            foreach (var c in text)
            {
                var digit = Digits.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
                if (digit < 0)
                {
                    return false;
                }

                bits = ((bits & 0xFF) << 5) | digit;
                count += 5;
                if (count >= 8)
                {
                    count -= 8;
                    octets.Add((byte)(bits >> count));
                }
            }

            // What is left pads the last octet: fewer bits than a digit, and zeros.
            return count < 5 && (bits & ((1 << count) - 1)) == 0;
        }
    }
}
