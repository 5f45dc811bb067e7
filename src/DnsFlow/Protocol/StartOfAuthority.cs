using System.Diagnostics.CodeAnalysis;

namespace DnsFlow.Protocol;

/// <summary>The fields of a SOA record (RFC 1035 section 3.3.13). Times are in seconds.</summary>
/// <param name="PrimaryServer">MNAME.</param>
/// <param name="Mailbox">RNAME: the mailbox of who is responsible, its first label being the local part.</param>
/// <param name="Serial">SERIAL, compared by RFC 1982.</param>
/// <param name="Refresh">REFRESH.</param>
/// <param name="Retry">RETRY.</param>
/// <param name="Expire">EXPIRE.</param>
/// <param name="Minimum">MINIMUM: how long a negative response may be cached, together with the record's TTL (RFC 2308 section 4).</param>
public sealed record StartOfAuthority(
    DomainName PrimaryServer, DomainName Mailbox, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum)
{
    /// <summary>Reads a SOA record; false for any other.</summary>
    public static bool TryRead(ResourceRecord record, [NotNullWhen(true)] out StartOfAuthority? soa)
    {
        ArgumentNullException.ThrowIfNull(record);
        soa = null;
        if (!record.TryOpen(RecordType.SOA, out var reader)
            || !reader.TryTakeName(out var primary) || !reader.TryTakeName(out var mailbox))
        {
            return false;
        }

        Span<uint> numbers = stackalloc uint[5];
        foreach (ref var number in numbers)
        {
            reader.TryTakeUInt32(out number);
        }

        soa = new(primary, mailbox, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        return true;
    }
}
