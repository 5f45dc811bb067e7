using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A place on Earth (LOC, RFC 1876): <c>42 21 54 N 71 6 18 W -24m 30m</c>. Versions above 0 are opaque.</summary>
internal sealed class LocationField : RdataField
{
    private const int Size = 16;
    private const uint Zero = 1u << 31;                 // the equator and the prime meridian, in thousandths of an arc second
    private const uint Degree = 3_600_000;
    private const int SeaLevel = 100_000 * 100;         // altitudes count centimetres from 100 km below

    public override bool TryRead(ref RdataReader reader) =>
        reader.Rest is [0, ..] ? reader.TryTake(Size, out _) : !reader.IsAtEnd && reader.TryTake(reader.Rest.Length, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (reader.Rest is not [0, ..] || !reader.TryTake(Size, out var octets) || !IsPrintable(octets[1..4]))
        {
            return false;
        }

        if (!TryPrintAngle(text, BinaryPrimitives.ReadUInt32BigEndian(octets[4..]), 90, "NS")
            || !TryPrintAngle(text, BinaryPrimitives.ReadUInt32BigEndian(octets[8..]), 180, "EW"))
        {
            return false;
        }

        var altitude = (decimal)BinaryPrimitives.ReadUInt32BigEndian(octets[12..]) - SeaLevel;
        text.Append(CultureInfo.InvariantCulture, $"{altitude / 100:0.00}m {Metres(octets[1]):0.00}m {Metres(octets[2]):0.00}m {Metres(octets[3]):0.00}m");
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!TryParseAngle(ref parser, 90, "NS", out var latitude) || !TryParseAngle(ref parser, 180, "EW", out var longitude)
            || !TryParseMetres(ref parser, -100_000m, 42_849_672.95m, 0, out var altitude))
        {
            return false;
        }

        // The defaults of section 3: a size of 1 m, precisions of 10 km and 10 m.
        Span<byte> precisions = stackalloc byte[3];
        ReadOnlySpan<decimal> defaults = [1, 10_000, 10];
        for (var i = 0; i < 3; i++)
        {
            if (!TryParseMetres(ref parser, 0, 90_000_000m, defaults[i], out var metres))
            {
                return false;
            }

            precisions[i] = Exponential(metres);
        }

        parser.Output.Add(0);
        parser.Output.AddRange(precisions);
        parser.WriteUInt32(latitude);
        parser.WriteUInt32(longitude);
        parser.WriteUInt32((uint)((altitude * 100) + SeaLevel));
        return true;
    }

    /// <summary>A precision has a digit and a power of ten, both up to 9; zero has one form only.</summary>
    private static bool IsPrintable(ReadOnlySpan<byte> precisions)
    {
        foreach (var octet in precisions)
        {
            if (octet >> 4 > 9 || (octet & 15) > 9 || (octet >> 4 == 0 && octet != 0))
            {
                return false;
            }
        }

        return true;
    }

    private static decimal Metres(byte precision)
    {
        decimal centimetres = precision >> 4;
        for (var power = precision & 15; power > 0; power--)
        {
            centimetres *= 10;
        }

        return centimetres / 100;
    }

    private static byte Exponential(decimal metres)
    {
        var centimetres = (ulong)(metres * 100);
        var power = 0;
        for (; centimetres > 9; centimetres /= 10)
        {
            power++;
        }

        return (byte)((centimetres << 4) | (uint)power);
    }

    private static bool TryPrintAngle(StringBuilder text, uint angle, uint limit, string sides)
    {
        var side = angle >= Zero ? sides[0] : sides[1];
        var part = angle >= Zero ? angle - Zero : Zero - angle;
        if (part > limit * Degree)
        {
            return false;
        }

        text.Append(CultureInfo.InvariantCulture, $"{part / Degree} {part / 60_000 % 60} {part / 1000 % 60}.{part % 1000:D3} {side} ");
        return true;
    }

    private static bool TryParseAngle(ref RdataParser parser, uint limit, string sides, out uint angle)
    {
        var expected = $"degrees, minutes, seconds and {sides[0]} or {sides[1]}";
        decimal total = 0;
        angle = 0;
        for (var index = 0; index < 4; index++)
        {
            if (!parser.TryTakeBare(expected, out var word))
            {
                return false;
            }

            if (index > 0 && word.Length == 1 && sides.Contains(char.ToUpperInvariant(word[0]), StringComparison.Ordinal))
            {
                if (total > limit * Degree)
                {
                    return parser.Fail($"at most {limit} degrees");
                }

                angle = char.ToUpperInvariant(word[0]) == sides[0] ? Zero + (uint)total : Zero - (uint)total;
                return true;
            }

            decimal scale = index switch { 0 => Degree, 1 => 60_000, _ => 1000 };
            if (index == 3 || !TryParseDecimal(word, index == 2 ? 3 : 0, out var number) || number >= (index == 0 ? limit + 1 : 60))
            {
                return parser.Fail(expected, word);
            }

            total += number * scale;
        }

        return parser.Fail(expected);
    }

    private static bool TryParseMetres(ref RdataParser parser, decimal least, decimal greatest, decimal preset, out decimal metres)
    {
        metres = preset;
        if (parser.IsAtEnd && preset != 0)
        {
            return true;
        }

        if (!parser.TryTakeBare("an altitude", out var word))
        {
            return false;
        }

        var number = word is [.., 'm' or 'M'] ? word[..^1] : word;
        var isNegative = number is ['-', ..];
        if (!TryParseDecimal(isNegative ? number[1..] : number, 2, out metres))
        {
            return parser.Fail("metres with at most two decimals", word);
        }

        metres = isNegative ? -metres : metres;
        return (metres >= least && metres <= greatest) || parser.Fail($"metres from {least} to {greatest}", word);
    }

    private static bool TryParseDecimal(ReadOnlySpan<char> text, int decimals, out decimal number)
    {
        number = 0;
        var point = text.IndexOf('.');
        return text.Length is > 0 and <= 16
            && (point < 0 || text.Length - point - 1 <= decimals)
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }
}
