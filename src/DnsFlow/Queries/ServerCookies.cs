using System.Buffers.Binary;
using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// The server's side of DNS cookies (RFC 7873) in the form all servers share (RFC 9018): who shows a cookie that we gave out has our answers, so its address is
/// its own. Any thread; allocates nothing but when a day begins.
/// </summary>
internal sealed class ServerCookies(CookieSecrets secrets, CookieDemand demand, TimeProvider time)
{
    private const int ServerSize = 16;
    private const byte Version = 1;
    private const int MaxUnproved = 512;

    // RFC 9018 section 4.3: an hour back and five minutes ahead; renewed after half an hour.
    private const int MaxAge = 3_600, MaxAhead = 300, RenewAge = 1_800;

    /// <summary>When a cookie has to be good.</summary>
    public CookieDemand Demand { get; } = demand;

    /// <summary>Reads the cookie of a query, if it has one.</summary>
    public QueryCookie Read(ReadOnlySpan<byte> message, in QueryView query, in FlowEndpoint client)
    {
        if (query.OptionsLength == 0 || !OptRecord.TryFind(query.Options(message), EdnsOptionCode.Cookie, out var cookie))
        {
            return default;
        }

        if (cookie.Length is not (8 or (>= 16 and <= 40)))
        {
            return new QueryCookie(CookieState.Malformed, 0, 0);
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var own = BinaryPrimitives.ReadUInt64LittleEndian(cookie);
        if (cookie.Length != 8 + ServerSize || cookie[8] != Version)
        {
            return new QueryCookie(CookieState.Unproved, own, (uint)now);
        }

        var stamp = BinaryPrimitives.ReadUInt32BigEndian(cookie[12..]);
        var age = (int)((uint)now - stamp);     // serial number arithmetic
        var secret = age is <= MaxAge and >= -MaxAhead ? SecretOf(cookie, client, now) : -1;
        // A new one when it is half an hour old, or made with a secret that goes (RFC 9018 section 5).
        return new QueryCookie(secret >= 0 ? CookieState.Proved : CookieState.Unproved, own, secret == 0 && age <= RenewAge ? stamp : (uint)now);
    }

    /// <summary>
    /// Appends the cookie to the OPT record at the end of a response; returns the new length. A response without OPT, or without room, stays as it is.
    /// </summary>
    public int Append(in QueryCookie cookie, in FlowEndpoint client, Span<byte> response, int length)
    {
        if (!cookie.IsPresent || length + QueryCookie.OptionSize > response.Length || OptRecord.FindLast(response[..length]) is not (>= 0 and var opt))
        {
            return length;
        }

        var data = OptRecord.Add(response, opt, ref length, EdnsOptionCode.Cookie, 8 + ServerSize);
        data.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(data, cookie.Client);
        data[8] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(data[12..], cookie.Time);
        BinaryPrimitives.WriteUInt64LittleEndian(data[16..], Hash(secrets.At(time.GetUtcNow().ToUnixTimeSeconds())[0], data[..16], client));
        return length;
    }

    /// <summary>
    /// Finishes a response: adds the cookie, and where a good one is demanded for a response of this size, the response becomes BADCOOKIE first. Returns the new
    /// length.
    /// </summary>
    public int Complete(in QueryCookie cookie, in FlowEndpoint client, bool isDatagram, Span<byte> response, int length, ref ResponseCode code)
    {
        if (isDatagram && length > MaxUnproved && cookie.State == CookieState.Unproved && Demand == CookieDemand.LargeAnswers
            && DnsHeader.TryRead(response, out var header) && WireName.Measure(response, DnsHeader.Size) is > 0 and var name)
        {
            code = ResponseCode.BadCookie;
            Span<byte> question = stackalloc byte[WireName.MaxLength + 4];
            question = question[..(name + 4)];
            response.Slice(DnsHeader.Size, question.Length).CopyTo(question);
            length = DnsResponses.WriteEmpty(header.Id, header.Flags, question, hasEdns: true, dnssecOk: false, code, response);
        }

        return Append(cookie, client, response, length);
    }

    private int SecretOf(ReadOnlySpan<byte> cookie, in FlowEndpoint client, long now)
    {
        var all = secrets.At(now);
        var found = -1;
        for (var i = all.Length - 1; i >= 0; i--)
        {
            found = Hash(all[i], cookie[..16], client) == BinaryPrimitives.ReadUInt64LittleEndian(cookie[16..]) ? i : found;
        }

        return found;
    }

    /// <summary>The hash over client cookie, version, reserved octets (as they came), time and address.</summary>
    private static ulong Hash(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> head, in FlowEndpoint client)
    {
        Span<byte> input = stackalloc byte[16 + 16];
        head.CopyTo(input);
        return SipHash.Hash(secret, input[..(16 + client.WriteAddress(input[16..]))]);
    }
}
