using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Upstreams;

/// <summary>
/// Writes the query that goes upstream. It is always a new message: no octet of a client's packet but the question is ever sent on,
/// so nothing can be smuggled past us (CVE-2018-14663).
/// </summary>
internal static class UpstreamQueryWriter
{
    /// <summary>The longest query: header, question with the longest name, OPT with the longest client subnet.</summary>
    public const int MaxLength = DnsHeader.Size + WireName.MaxLength + 4 + DnsResponses.OptSize + SubnetOption.MaxSize;

    private const ushort PassedFlags = DnsHeader.RecursionDesiredBit | DnsHeader.CheckingDisabledBit | DnsHeader.AuthenticDataBit;

    /// <summary>
    /// Writes header, question and our OPT record (1,232 octets, no options). ID is 0; whoever sends the query puts its own.
    /// Returns the length; <paramref name="destination"/> needs <see cref="MaxLength"/> octets at most.
    /// </summary>
    /// <param name="question">QNAME in wire form, uncompressed, QTYPE and QCLASS.</param>
    /// <param name="flags">Header flags; all but RD, CD and AD are ignored.</param>
    /// <param name="dnssecOk">DO.</param>
    /// <param name="destination">Where to.</param>
    public static int Write(ReadOnlySpan<byte> question, ushort flags, bool dnssecOk, Span<byte> destination)
    {
        new DnsHeader(0, (ushort)(flags & PassedFlags), 1, 0, 0, 1).Write(destination);
        question.CopyTo(destination[DnsHeader.Size..]);
        var opt = destination.Slice(DnsHeader.Size + question.Length, DnsResponses.OptSize);
        opt.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)RecordType.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], DnsResponses.AdvertisedUdpSize);
        opt[7] = (byte)(dnssecOk ? 0x80 : 0);
        return DnsHeader.Size + question.Length + DnsResponses.OptSize;
    }

    /// <summary>The question of a query that <see cref="Write"/> wrote, whatever options were added to it.</summary>
    public static ReadOnlySpan<byte> Question(ReadOnlySpan<byte> query) => query[DnsHeader.Size..(DnsHeader.Size + Math.Max(1, WireName.Measure(query, DnsHeader.Size)) + 4)];
}
