using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// RDATA that may hold compressed names: the types of RFC 1035 and those RFC 3597 section 4 adds. All other RDATA is opaque and copied as it is.
/// </summary>
internal static class RecordData
{
    /// <summary>Whether the record's RDATA has the form of its type: names that end in it and lead backwards, addresses of the right size.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> message, in RecordPlace record, Span<byte> scratch) => record.Type switch
    {
        RecordType.A when record.Class == RecordClass.IN => record.DataLength == 4,
        RecordType.AAAA when record.Class == RecordClass.IN => record.DataLength == 16,
        _ => FormOf(record.Type).Names == 0 || Copy(message, record, scratch) >= 0,
    };

    /// <summary>
    /// Copies RDATA with its names expanded. Returns the number of octets written, or -1 when it is malformed or does not fit.
    /// </summary>
    public static int Copy(ReadOnlySpan<byte> message, in RecordPlace record, Span<byte> destination)
    {
        var form = FormOf(record.Type);
        var end = record.End;
        var position = record.Data + form.Fixed;
        for (var i = 0; i < form.Strings && position < end; i++)
        {
            position += 1 + message[position];
        }

        if (position > end || position - record.Data > destination.Length)
        {
            return -1;
        }

        var written = position - record.Data;
        message[record.Data..position].CopyTo(destination);
        for (var i = 0; i < form.Names; i++)
        {
            var length = position < end ? WireName.Expand(message, position, destination[written..], out position) : -1;
            if (length < 0)
            {
                return -1;
            }

            written += length;
        }

        return position > end ? -1 : CopyRest(message[position..end], form.Remainder, destination, written);
    }

    /// <summary>The MINIMUM field of an SOA record that is well formed (RFC 2308 section 4).</summary>
    public static uint SoaMinimum(ReadOnlySpan<byte> message, in RecordPlace record)
        => BinaryPrimitives.ReadUInt32BigEndian(message[(record.End - 4)..]);

    private static int CopyRest(ReadOnlySpan<byte> rest, int expected, Span<byte> destination, int written)
    {
        if ((expected >= 0 && rest.Length != expected) || written + rest.Length > destination.Length)
        {
            return -1;
        }

        rest.CopyTo(destination[written..]);
        return written + rest.Length;
    }

    /// <summary>Octets before the first name, character strings behind these, names, octets behind them (-1 = any number).</summary>
    private static (int Fixed, int Strings, int Names, int Remainder) FormOf(RecordType type) => type switch
    {
        RecordType.NS or RecordType.CNAME or RecordType.PTR or RecordType.DNAME or RecordType.MD or RecordType.MF
            or RecordType.MB or RecordType.MG or RecordType.MR => (0, 0, 1, 0),
        RecordType.SOA => (0, 0, 2, 20),
        RecordType.MINFO or RecordType.RP => (0, 0, 2, 0),
        RecordType.MX or RecordType.AFSDB or RecordType.RT or RecordType.KX => (2, 0, 1, 0),
        RecordType.PX => (2, 0, 2, 0),
        RecordType.SRV => (6, 0, 1, 0),
        RecordType.NAPTR => (4, 3, 1, 0),
        RecordType.RRSIG or RecordType.SIG => (18, 0, 1, -1),
        RecordType.NSEC or RecordType.NXT => (0, 0, 1, -1),
        _ => (0, 0, 0, -1),
    };
}
