using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol;

/// <summary>The escapes of master files: <c>\X</c> is the character X, <c>\DDD</c> the octet with that decimal number (RFC 1035 section 5.1).</summary>
internal static class Escapes
{
    /// <summary>
    /// Takes one character or escape. <paramref name="octet"/> is an octet, or for a character outside ASCII its UTF-16 unit plus 0x10000
    /// so that nobody mistakes it for an octet. False for a broken escape.
    /// </summary>
    public static bool TryTake(ReadOnlySpan<char> text, ref int index, out int octet)
    {
        octet = text[index++];
        if (octet != '\\')
        {
            octet = octet > 0x7F ? octet + 0x10000 : octet;
            return true;
        }

        if (index == text.Length)
        {
            return false;
        }

        octet = text[index];
        if (!char.IsAsciiDigit((char)octet))
        {
            index++;
            return octet <= 0x7F;
        }

        if (text.Length - index < 3 || !int.TryParse(text.Slice(index, 3), NumberStyles.None, CultureInfo.InvariantCulture, out octet))
        {
            return false;
        }

        index += 3;
        return octet <= 0xFF;
    }

    /// <summary>Turns presentation text into octets; characters outside ASCII become UTF-8. False for a broken escape or a lone surrogate.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, List<byte> octets)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length;)
        {
            if (text[i] > 0x7F)
            {
                if (Rune.DecodeFromUtf16(text[i..], out var rune, out var consumed) != System.Buffers.OperationStatus.Done)
                {
                    return false;
                }

                octets.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                i += consumed;
            }
            else if (TryTake(text, ref i, out var octet))
            {
                octets.Add((byte)octet);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Appends an octet of a name: what means something in a master file gets a backslash, what is not printable its number.</summary>
    public static void AppendNameOctet(StringBuilder text, byte octet)
    {
        if (octet is (byte)'.' or (byte)'\\' or (byte)'"' or (byte)';' or (byte)'(' or (byte)')' or (byte)'@' or (byte)'$')
        {
            text.Append('\\').Append((char)octet);
        }
        else if (octet == ' ')
        {
            text.Append("\\032");
        }
        else
        {
            AppendOctet(text, octet);
        }
    }

    /// <summary>Appends octets as a quoted string.</summary>
    public static void AppendQuoted(StringBuilder text, ReadOnlySpan<byte> octets)
    {
        text.Append('"');
        foreach (var octet in octets)
        {
            if (octet is (byte)'"' or (byte)'\\')
            {
                text.Append('\\').Append((char)octet);
            }
            else
            {
                AppendOctet(text, octet);
            }
        }

        text.Append('"');
    }

    private static void AppendOctet(StringBuilder text, byte octet)
    {
        if (octet is >= 0x20 and < 0x7F)
        {
            text.Append((char)octet);
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"\\{octet:D3}");
        }
    }
}
