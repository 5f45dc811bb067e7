using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>How long a server keeps an idle connection (edns-tcp-keepalive, RFC 7828).</summary>
internal static class KeepAlive
{
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(2);

    /// <summary>What a response says, a little less so that we close first, two minutes at most; <paramref name="otherwise"/> when it does not say.</summary>
    public static TimeSpan Read(ReadOnlySpan<byte> response, TimeSpan otherwise)
    {
        if (!DnsMessageReader.TryRead(response, out var message) || message.Edns?.Find(EdnsOptionCode.TcpKeepalive) is not { Data.Length: 2 } option)
        {
            return otherwise;
        }

        var time = TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt16BigEndian(option.Data.Span) * 100 * 0.9);
        return time > s_most ? s_most : time;
    }
}
