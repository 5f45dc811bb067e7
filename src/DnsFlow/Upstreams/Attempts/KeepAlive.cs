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

    /// <summary>Whether a message has the option. Without the octets of its code in it there is nothing to look for.</summary>
    public static bool IsIn(ReadOnlySpan<byte> message)
        => message.IndexOf([(byte)((int)EdnsOptionCode.TcpKeepalive >> 8), (byte)EdnsOptionCode.TcpKeepalive]) >= 0
            && DnsMessageReader.TryRead(message, out var read) && read.Edns?.Find(EdnsOptionCode.TcpKeepalive) is not null;
}
