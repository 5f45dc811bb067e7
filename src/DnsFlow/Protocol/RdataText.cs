using System.Diagnostics.CodeAnalysis;
using System.Text;
using DnsFlow.Protocol.Rdata;

namespace DnsFlow.Protocol;

/// <summary>RDATA between its uncompressed wire form and its presentation form, for every type (unknown ones by RFC 3597 section 5).</summary>
public static class RdataText
{
    /// <summary>The most octets RDATA can have.</summary>
    public const int MaxLength = 65535;

    /// <summary>
    /// Reads the presentation form of one record's RDATA from its words; names without a dot at their end are completed with
    /// <paramref name="origin"/>. The generic form <c>\# length hex</c> is read for every type and checked against a known type's layout.
    /// </summary>
    public static bool TryParse(
        RecordType type, RecordClass @class, ReadOnlySpan<PresentationToken> fields, DomainName origin,
        [NotNullWhen(true)] out byte[]? rdata, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(origin);
        rdata = null;
        var parser = new RdataParser(fields, origin);
        var layout = RdataLayouts.Find(type, @class);
        if (fields is [{ IsQuoted: false } first, ..] && first.Span is "\\#")
        {
            error = GenericRdata.Parse(ref parser, layout, out rdata);
        }
        else if (layout is null)
        {
            error = $"RDATA of type {type.ToText()} is written as \\# LENGTH HEX (RFC 3597)";
        }
        else
        {
            error = ParseFields(ref parser, layout, out rdata);
        }

        return error is null;
    }

    /// <summary>As the other overload, for class IN and from one text.</summary>
    public static bool TryParse(
        RecordType type, string text, DomainName origin, [NotNullWhen(true)] out byte[]? rdata, [NotNullWhen(false)] out string? error)
    {
        var tokens = new List<PresentationToken>();
        if (!PresentationToken.TrySplit(text, tokens))
        {
            rdata = null;
            error = "a quote is not closed";
            return false;
        }

        return TryParse(type, RecordClass.IN, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens), origin, out rdata, out error);
    }

    /// <summary>
    /// The presentation form. RDATA that is not what its type asks for, and RDATA of an unknown type, is given in the generic form of RFC 3597;
    /// so every octet string has a text that reads back to it.
    /// </summary>
    public static string ToText(RecordType type, RecordClass @class, ReadOnlySpan<byte> rdata)
    {
        var text = new StringBuilder();
        if (RdataLayouts.Find(type, @class) is not { } layout || !TryPrint(layout, rdata, text))
        {
            text.Clear();
            GenericRdata.Print(rdata, text);
        }

        return text.ToString();
    }

    /// <summary>Whether uncompressed RDATA is what its type asks for; true for every unknown type.</summary>
    public static bool IsWellFormed(RecordType type, RecordClass @class, ReadOnlySpan<byte> rdata)
    {
        if (RdataLayouts.Find(type, @class) is not { } layout)
        {
            return true;
        }

        var reader = RdataReader.ForRdata(rdata);
        return layout.TryRead(ref reader);
    }

    private static string? ParseFields(ref RdataParser parser, RdataLayout layout, out byte[]? rdata)
    {
        rdata = null;
        foreach (var field in layout.Fields)
        {
            if (!field.TryParse(ref parser))
            {
                return parser.Error ?? "the RDATA is malformed";
            }
        }

        if (!parser.IsAtEnd)
        {
            return $"the RDATA has more words than its type asks for, from \"{parser.Peek().Text}\" on";
        }

        if (parser.Output.Count > MaxLength)
        {
            return "RDATA has at most 65535 octets";
        }

        rdata = [.. parser.Output];
        return null;
    }

    private static bool TryPrint(RdataLayout layout, ReadOnlySpan<byte> rdata, StringBuilder text)
    {
        var reader = RdataReader.ForRdata(rdata);
        foreach (var field in layout.Fields)
        {
            var before = text.Length;
            if (before > 0)
            {
                text.Append(' ');
            }

            if (!field.TryPrint(ref reader, text))
            {
                return false;
            }

            // A field may be empty (an NSEC3 without types, a KEY without key): then it leaves no space behind either.
            if (text.Length == before + 1 && before > 0)
            {
                text.Length = before;
            }
        }

        return reader.IsAtEnd;
    }
}
