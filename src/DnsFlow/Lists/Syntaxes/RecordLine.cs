using System.Runtime.InteropServices;
using DnsFlow.Protocol;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads one record of a master file: owner, TTL and class in any order or not at all, type, data.</summary>
internal static class RecordLine
{
    private static readonly System.Buffers.SearchValues<char> s_ttl = System.Buffers.SearchValues.Create("0123456789smhdwSMHDW");

    /// <summary>Reads a record with its owner.</summary>
    public static bool TryRead(string line, out string owner, out RecordType type, out byte[] rdata, out string text)
    {
        var words = new List<PresentationToken>();
        (owner, type, rdata, text) = ("", RecordType.None, [], "");
        if (!PresentationToken.TrySplit(line, words) || words.Count < 3)
        {
            return false;
        }

        owner = words[0].Span.ToString();
        return TryReadType(CollectionsMarshal.AsSpan(words)[1..], out type, out var fields) && TryReadData(type, fields, out rdata, out text);
    }

    /// <summary>Steps over TTL and class to the type and what is behind it.</summary>
    public static bool TryReadType(ReadOnlySpan<PresentationToken> words, out RecordType type, out ReadOnlySpan<PresentationToken> fields)
    {
        for (var i = 0; i < words.Length && i < 3; i++)
        {
            var word = words[i].Span;
            if (word.Equals("IN", StringComparison.OrdinalIgnoreCase) || IsTtl(word))
            {
                continue;
            }

            fields = words[(i + 1)..];
            return RecordTypes.TryParse(word, out type);
        }

        type = RecordType.None;
        fields = default;
        return false;
    }

    /// <summary>Reads the data of a record; names are absolute with or without a dot at their end.</summary>
    public static bool TryReadData(RecordType type, ReadOnlySpan<PresentationToken> fields, out byte[] rdata, out string text)
    {
        (rdata, text) = ([], "");
        if (type.IsMeta() || !RdataText.TryParse(type, RecordClass.IN, fields, DomainName.Root, out var read, out _))
        {
            return false;
        }

        rdata = read;
        text = RdataText.ToText(type, RecordClass.IN, rdata);
        return true;
    }

    private static bool IsTtl(ReadOnlySpan<char> word) => word.Length > 0 && char.IsAsciiDigit(word[0]) && !word.ContainsAnyExcept(s_ttl);
}
