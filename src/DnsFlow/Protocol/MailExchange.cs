using System.Diagnostics.CodeAnalysis;

namespace DnsFlow.Protocol;

/// <summary>The fields of an MX record (RFC 1035 section 3.3.9).</summary>
/// <param name="Preference">Lower is tried first.</param>
/// <param name="Exchange">The mail host; the root means that no mail is accepted (RFC 7505).</param>
public sealed record MailExchange(ushort Preference, DomainName Exchange)
{
    /// <summary>Reads an MX record; false for any other.</summary>
    public static bool TryRead(ResourceRecord record, [NotNullWhen(true)] out MailExchange? exchange)
    {
        ArgumentNullException.ThrowIfNull(record);
        exchange = null;
        if (!record.TryOpen(RecordType.MX, out var reader)
            || !reader.TryTakeUInt16(out var preference) || !reader.TryTakeName(out var name))
        {
            return false;
        }

        exchange = new(preference, name);
        return true;
    }
}
