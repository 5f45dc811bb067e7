using System.Text;

namespace DnsFlow.Protocol;

/// <summary>Names between wire form and presentation form (RFC 1035 section 5.1, RFC 4343 section 2.1).</summary>
internal static class NameText
{
    /// <summary>
    /// Writes the wire form of <paramref name="text"/> into <paramref name="wire"/>, which holds 255 octets. Returns null, or what is wrong.
    /// </summary>
    public static string? Parse(ReadOnlySpan<char> text, ReadOnlySpan<byte> origin, Span<byte> wire, out int length)
    {
        length = 0;
        switch (text)
        {
            case "":
                return "a name is missing";
            case "@":
                origin.CopyTo(wire);
                length = origin.Length;
                return null;
            case ".":
                wire[0] = 0;
                length = 1;
                return null;
        }

        // `start` is where the open label's length octet goes, `length` where its next octet goes.
        var start = 0;
        length = 1;
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '.')
            {
                if (Close(wire, start, length) is { } error)
                {
                    return error;
                }

                start = length++;
                i++;
                continue;
            }

            if (!Escapes.TryTake(text, ref i, out var octet) || octet > 0xFF)
            {
                return "a name has ASCII characters and escapes \\X or \\DDD up to \\255 only; internationalized names are written as A-labels (xn--)";
            }

            if (length >= WireName.MaxLength)
            {
                return "a name has at most 255 octets";
            }

            wire[length++] = (byte)octet;
        }

        return Finish(origin, wire, start, ref length);
    }

    /// <summary>The presentation form of an uncompressed, well-formed name, with a dot at its end.</summary>
    public static string Print(ReadOnlySpan<byte> wire)
    {
        if (wire.Length <= 1)
        {
            return ".";
        }

        var text = new StringBuilder(wire.Length + 8);
        for (var position = 0; wire[position] != 0; position += wire[position] + 1)
        {
            foreach (var octet in wire.Slice(position + 1, wire[position]))
            {
                Escapes.AppendNameOctet(text, octet);
            }

            text.Append('.');
        }

        return text.ToString();
    }

    private static string? Close(Span<byte> wire, int start, int length)
    {
        var label = length - start - 1;
        if (label == 0)
        {
            return "a name has an empty label";
        }

        if (label > WireName.MaxLabelLength)
        {
            return "a label has at most 63 octets";
        }

        if (length >= WireName.MaxLength)
        {
            return "a name has at most 255 octets";
        }

        wire[start] = (byte)label;
        return null;
    }

    private static string? Finish(ReadOnlySpan<byte> origin, Span<byte> wire, int start, ref int length)
    {
        if (length == start + 1)
        {
            wire[start] = 0;        // the text ended with a dot: absolute
            return null;
        }

        if (Close(wire, start, length) is { } error)
        {
            return error;
        }

        if (length + origin.Length > WireName.MaxLength)
        {
            return "a name has at most 255 octets, its origin included";
        }

        origin.CopyTo(wire[length..]);
        length += origin.Length;
        return null;
    }
}
