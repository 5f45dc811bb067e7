using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Caching;

/// <summary>Reads responses that may be given after their time. One owner; what it read lives until the next call. Allocates its buffers at the first.</summary>
internal sealed class StaleReader(ResponseCache cache)
{
    private byte[] _message = [];
    private ushort[] _ttlOffsets = [];

    /// <summary>What happens around the end of a response's time.</summary>
    public FreshnessRules Rules => cache.Freshness;

    /// <summary>Reads the newest response to a question if it may still be given, with the TTL and the extended error of a stale one. False = there is none.</summary>
    public bool TryRead(in QuestionKey key, long now, out ScrubbedResponse response)
    {
        response = default;
        if (!Rules.GivesStale || !cache.TryFindStale(key, now, out var segment, out var position, out var header))
        {
            return false;
        }

        if (_message.Length == 0)
        {
            _message = new byte[ushort.MaxValue];
            _ttlOffsets = new ushort[ushort.MaxValue / 11];     // no record is shorter
        }

        var count = Math.Min((int)header.TtlCount, _ttlOffsets.Length);
        segment.Copy(position, header, _message, _ttlOffsets.AsSpan(0, count));
        if (!segment.IsIntact(position))
        {
            return false;
        }

        var message = _message.AsSpan(0, header.MessageLength);
        foreach (var offset in _ttlOffsets.AsSpan(0, count))
        {
            BinaryPrimitives.WriteUInt32BigEndian(message[offset..], CacheEntry.StaleTtl(header, Rules, now));
        }

        if (header.IsExpired(now))
        {
            message[3] &= unchecked((byte)~DnsHeader.AuthenticDataBit);     // it was authentic; signatures may be over by now
        }

        response = new ScrubbedResponse
        {
            Message = message,
            TtlOffsets = _ttlOffsets.AsSpan(0, count),
            Code = (ResponseCode)header.Code,
            IsNegative = (header.Flags & EntryFlags.Negative) != 0,
            Error = CacheEntry.StaleErrorOf(header, now),
        };
        return true;
    }
}
