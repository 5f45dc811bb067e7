using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>The words in front of a record's data: TTL, class, type. What is wrong comes back as the message of the error; null = nothing.</summary>
internal static class ZoneFileWords
{
    /// <summary>The longest TTL in seconds (RFC 2181 section 8).</summary>
    public const uint MaxTtl = int.MaxValue;

    /// <summary>What a TTL may be, for messages.</summary>
    public const string AllowedTtl = "allowed are 0 to 2147483647 seconds, or numbers with the units s, m, h, d, w, as in 1h30m";

    /// <summary>TTL and class, both optional and in either order (RFC 1035 section 5.1).</summary>
    public static string? ReadTtlAndClass(ZoneFileEntry entry, out uint? ttl)
    {
        ttl = null;
        var hasClass = false;
        while (entry.Peek() is { } text && !entry.IsNextQuoted)
        {
            if (!hasClass && TryReadClass(text, out var @class))
            {
                hasClass = true;
                if (@class != RecordClass.IN)
                {
                    return $"class {entry.Next()}: only IN is served";
                }
            }
            else if (ttl is null && char.IsAsciiDigit(text[0]))
            {
                if (!TryReadTtl(text, out var seconds))
                {
                    return $"'{Shorten(entry.Next()!)}' is not a TTL; {AllowedTtl}";
                }

                ttl = seconds;
            }
            else
            {
                break;
            }

            entry.Next();
        }

        return null;
    }

    /// <summary>The type; types of queries and of single messages are refused (RFC 6895 section 3.1).</summary>
    public static string? ReadType(ZoneFileEntry entry, out RecordType type)
    {
        type = RecordType.None;
        var isQuoted = entry.IsNextQuoted;
        if (entry.Next() is not { } text)
        {
            return "the record has no type and no data; a record is: [owner] [TTL] [class] type data";
        }

        if (isQuoted || !RecordTypes.TryParse(text, out type))
        {
            return $"unknown type '{Shorten(text)}'; allowed are the registered types, such as A, AAAA, CNAME, MX and TXT, and TYPE1 to TYPE65535 (RFC 3597)";
        }

        return type.IsMeta() ? $"type {type.ToText()} cannot stand in a zone; it exists only in queries and messages" : null;
    }

    /// <summary>A TTL in seconds or with units; false when it is none or too long.</summary>
    public static bool TryReadTtl(string text, out uint seconds) => DurationText.TryParse(text, out seconds) && seconds <= MaxTtl;

    /// <summary>A text cut to what an error message can bear.</summary>
    public static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 77), "...");

    /// <summary>A class: two letters or CLASSnnn, so that a type is not looked for among them.</summary>
    private static bool TryReadClass(string text, out RecordClass @class)
    {
        @class = RecordClass.IN;
        return text.Equals("IN", StringComparison.OrdinalIgnoreCase)
            || ((text.Length == 2 || text.StartsWith("CLASS", StringComparison.OrdinalIgnoreCase)) && RecordClasses.TryParse(text, out @class));
    }
}
