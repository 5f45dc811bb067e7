using System.Buffers.Binary;
using System.Security.Cryptography;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// The client's side of DNS cookies towards UDP upstreams (RFC 7873 section 5.3, RFC 9018 section 3): our part depends on the server's and on our own address, so
/// that it tells nobody else who we are; a reply that does not show it is not the server's. One owner; allocates once for each server.
/// </summary>
internal sealed class UpstreamCookies
{
    /// <summary>The most octets that <see cref="Append"/> adds.</summary>
    public const int MaxSize = 4 + ClientSize + MaxServerSize;

    private const int ClientSize = 8, MinServerSize = 8, MaxServerSize = 32;

    // A server that answers without cookies so often in a row has stopped to use them.
    private const int MaxMissing = 3;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(SipHash.KeySize);
    private readonly Dictionary<int, Known> _servers = [];

    /// <summary>Our part of the cookie for a way to a server; never 0.</summary>
    public ulong ClientPart(in FlowEndpoint own, in FlowEndpoint server)
    {
        Span<byte> addresses = stackalloc byte[32];
        var length = own.WriteAddress(addresses);
        length += server.WriteAddress(addresses[length..]);
        return SipHash.Hash(_secret, addresses[..length]) | 1;
    }

    /// <summary>Appends the option to a query that ends with its OPT record; returns the new length.</summary>
    public int Append(Upstream server, ulong client, Span<byte> query, int length)
    {
        var known = Find(server);
        var data = OptRecord.Add(query, length - 2, ref length, EdnsOptionCode.Cookie, ClientSize + known.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(data, client);
        known.Octets.AsSpan(0, known.Length).CopyTo(data[ClientSize..]);
        return length;
    }

    /// <summary>
    /// Whether a reply that matches its query may be believed: with a cookie it shows our part; without one it is from a server that has not used cookies so far.
    /// </summary>
    public bool Accepts(Upstream server, ulong client, ReadOnlySpan<byte> reply)
    {
        var known = Find(server);
        if (OptRecord.TryFindInResponse(reply, EdnsOptionCode.Cookie, out var cookie))
        {
            if (cookie.Length is not (>= ClientSize + MinServerSize and <= ClientSize + MaxServerSize) || BinaryPrimitives.ReadUInt64LittleEndian(cookie) != client)
            {
                return false;
            }

            known.Length = cookie.Length - ClientSize;
            known.Missing = 0;
            cookie[ClientSize..].CopyTo(known.Octets);
            return true;
        }

        if (known.Length > 0 && ++known.Missing >= MaxMissing)
        {
            known.Length = known.Missing = 0;
        }

        return known.Length == 0;
    }

    /// <summary>Whether a reply says BADCOOKIE: what it has is the cookie to ask with.</summary>
    public static bool IsBadCookie(ReadOnlySpan<byte> reply, in DnsHeader header)
        => (header.Flags & DnsHeader.ResponseCodeMask) == ((int)ResponseCode.BadCookie & DnsHeader.ResponseCodeMask)
            && OptRecord.ExtendedCode(reply) == (int)ResponseCode.BadCookie >> 4;

    private Known Find(Upstream server)
    {
        if (!_servers.TryGetValue(server.Id, out var known))
        {
            _servers[server.Id] = known = new Known();
        }

        return known;
    }

    private sealed class Known
    {
        public readonly byte[] Octets = new byte[MaxServerSize];
        public int Length;
        public int Missing;
    }
}
