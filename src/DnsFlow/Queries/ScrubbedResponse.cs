using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// An upstream's response after scrubbing: only what belongs to the question, no OPT, TTLs capped; ready to be cached and to be written to any asker.
/// </summary>
internal readonly ref struct ScrubbedResponse
{
    /// <summary>The message: header, question, answer, authority; no additional section.</summary>
    public ReadOnlySpan<byte> Message { get; init; }

    /// <summary>Offsets of every TTL in <see cref="Message"/>.</summary>
    public ReadOnlySpan<ushort> TtlOffsets { get; init; }

    /// <summary>RCODE, EDNS's upper bits included.</summary>
    public ResponseCode Code { get; init; }

    /// <summary>How long it may be cached in seconds: the lowest TTL, or RFC 2308's for negative responses; 0 = not at all.</summary>
    public uint Lifetime { get; init; }

    /// <summary>Whether it is NXDOMAIN or NODATA.</summary>
    public bool IsNegative { get; init; }

    /// <summary>The upstream's extended error (RFC 8914), passed on.</summary>
    public ExtendedErrorCode Error { get; init; }
}
