using System.Buffers.Binary;

namespace DnsFlow.Protocol;

/// <summary>Writes small responses straight into a buffer: errors, empty answers, truncated answers, and the OPT record at the end.</summary>
public static class DnsResponses
{
    /// <summary>The UDP payload size we advertise in both directions (DNS Flag Day 2020).</summary>
    public const ushort AdvertisedUdpSize = 1232;

    /// <summary>The size of an OPT record without options.</summary>
    public const int OptSize = 11;

    /// <summary>
    /// Writes a response without records: header, question if it was readable, OPT if the query had one, with an extended error
    /// (RFC 8914) unless <paramref name="error"/> is <see cref="ExtendedErrorCode.None"/>. Returns its length; <paramref name="destination"/>
    /// needs 12 + 259 + 17 octets at most.
    /// </summary>
    public static int WriteEmpty(
        ReadOnlySpan<byte> query, in QueryView view, ResponseCode code, Span<byte> destination,
        ExtendedErrorCode error = ExtendedErrorCode.None, bool truncated = false, bool authoritative = false)
        => WriteEmpty(
            view.Header.Id, view.Header.Flags, view.NameLength == 0 ? default : view.Question(query), view.HasEdns, view.DnssecOk, code, destination,
            error, truncated, authoritative);

    /// <summary>The same for a query whose view is gone; an empty <paramref name="question"/> means that none was readable.</summary>
    public static int WriteEmpty(
        ushort queryId, ushort queryFlags, ReadOnlySpan<byte> question, bool hasEdns, bool dnssecOk, ResponseCode code, Span<byte> destination,
        ExtendedErrorCode error = ExtendedErrorCode.None, bool truncated = false, bool authoritative = false)
    {
        var flags = ResponseFlags(queryFlags, code)
            | (truncated ? DnsHeader.TruncatedBit : 0) | (authoritative ? DnsHeader.AuthoritativeBit : 0);
        new DnsHeader(queryId, (ushort)flags, (ushort)(question.IsEmpty ? 0 : 1), 0, 0, 0).Write(destination);
        question.CopyTo(destination[DnsHeader.Size..]);
        return AppendOpt(hasEdns, dnssecOk, code, destination, DnsHeader.Size + question.Length, error);
    }

    /// <summary>
    /// Appends our own OPT record behind the <paramref name="length"/> octets already in <paramref name="destination"/> if the query had EDNS,
    /// and raises ARCOUNT. A client's or an upstream's OPT is never copied. Returns the new length; unchanged when the query had no OPT
    /// or the record does not fit.
    /// </summary>
    public static int AppendOpt(
        in QueryView view, ResponseCode code, Span<byte> destination, int length, ExtendedErrorCode error = ExtendedErrorCode.None)
        => AppendOpt(view.HasEdns, view.DnssecOk, code, destination, length, error);

    /// <summary>The same for a query whose view is gone: <paramref name="hasEdns"/> and <paramref name="dnssecOk"/> are what it said.</summary>
    public static int AppendOpt(
        bool hasEdns, bool dnssecOk, ResponseCode code, Span<byte> destination, int length, ExtendedErrorCode error = ExtendedErrorCode.None)
    {
        var options = error == ExtendedErrorCode.None ? 0 : 6;
        if (!hasEdns || length + OptSize + options > destination.Length)
        {
            return length;
        }

        var opt = destination.Slice(length, OptSize + options);
        opt.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)RecordType.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], AdvertisedUdpSize);
        opt[5] = (byte)((int)code >> 4);
        opt[7] = (byte)(dnssecOk ? 0x80 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(opt[9..], (ushort)options);
        if (options > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(opt[11..], 15);
            BinaryPrimitives.WriteUInt16BigEndian(opt[13..], 2);
            BinaryPrimitives.WriteUInt16BigEndian(opt[15..], (ushort)error);
        }

        var additional = destination[10..];
        BinaryPrimitives.WriteUInt16BigEndian(additional, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(additional) + 1));
        return length + OptSize + options;
    }

    /// <summary>The header flags of our response: QR and RA set; OPCODE, RD and CD as the query had them; RCODE as given.</summary>
    public static ushort ResponseFlags(ushort queryFlags, ResponseCode code) => (ushort)(
        DnsHeader.ResponseBit | DnsHeader.RecursionAvailableBit
        | (queryFlags & (DnsHeader.OpCodeMask | DnsHeader.RecursionDesiredBit | DnsHeader.CheckingDisabledBit))
        | ((int)code & DnsHeader.ResponseCodeMask));
}
