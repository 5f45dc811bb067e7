using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// Writes the records that stay one by one, for names may have been compressed against those that go. Owners that are the asked name become a
/// pointer to the question; all other names are written out.
/// </summary>
internal static class ResponseRebuilder
{
    /// <summary>
    /// Writes the question and <paramref name="records"/> of <paramref name="message"/> to <paramref name="destination"/>, the header left to the
    /// caller, and notes where the TTLs are. Returns the length, or -1 when it does not fit.
    /// </summary>
    public static int Write(
        ReadOnlySpan<byte> message, int questionEnd, ReadOnlySpan<byte> asked, ReadOnlySpan<RecordPlace> records, Span<byte> destination,
        Span<ushort> ttlOffsets)
    {
        message[..questionEnd].CopyTo(destination);
        var position = questionEnd;
        for (var i = 0; i < records.Length; i++)
        {
            var ownerLength = WriteOwner(message, records[i], asked, destination[position..]);
            var fields = position + ownerLength;
            var data = fields + RecordPlace.FixedSize;
            var length = ownerLength < 0 || data > destination.Length ? -1 : RecordData.Copy(message, records[i], destination[data..]);
            if (length < 0)
            {
                return -1;
            }

            message.Slice(records[i].Fixed, 4).CopyTo(destination[fields..]);
            BinaryPrimitives.WriteUInt32BigEndian(destination[(fields + 4)..], records[i].Ttl);
            BinaryPrimitives.WriteUInt16BigEndian(destination[(fields + 8)..], (ushort)length);
            ttlOffsets[i] = (ushort)(fields + 4);
            position = data + length;
        }

        return position;
    }

    private static int WriteOwner(ReadOnlySpan<byte> message, in RecordPlace record, ReadOnlySpan<byte> asked, Span<byte> destination)
    {
        var length = WireName.Expand(message, record.Owner, destination, out _);
        if (length < 0 || !WireName.EqualsIgnoreCase(destination[..length], asked))
        {
            return length;
        }

        // A pointer is never longer than a name, except for the root's.
        if (length == 1)
        {
            return length;
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination, 0xC000 | DnsHeader.Size);
        return 2;
    }
}
