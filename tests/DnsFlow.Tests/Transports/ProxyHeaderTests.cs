using System.Net;
using DnsFlow.Flows;
using DnsFlow.TestKit;
using DnsFlow.Transports;
using DnsFlow.Transports.Proxied;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Transports;

/// <summary>The headers of load balancers, as HAProxy's document of the PROXY protocol has them.</summary>
public class ProxyHeaderTests
{
    private static readonly byte[] s_four = ProxyHeaders.Binary(new IPEndPoint(IPAddress.Parse("203.0.113.9"), 4711), new IPEndPoint(IPAddress.Parse("192.0.2.1"), 53));

    [Fact]
    public void TryRead_Binary_SaysWhoItIs()
    {
        Assert.True(ProxyHeader.TryRead([.. s_four, 1, 2, 3], out var header));
        Assert.Equal((28, "203.0.113.9:4711", "192.0.2.1:53"), (header.Length, $"{header.Client}", $"{header.Addressed}"));
        var six = ProxyHeaders.Binary(new IPEndPoint(IPAddress.Parse("2001:db8::9"), 1), new IPEndPoint(IPAddress.Parse("2001:db8::1"), 853), extensions: 7);
        Assert.True(ProxyHeader.TryRead(six, out header));
        Assert.Equal((59, "[2001:db8::9]:1", "[2001:db8::1]:853"), (header.Length, $"{header.Client}", $"{header.Addressed}"));
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711 53\r\n", "203.0.113.9:4711", "192.0.2.1:53")]
    [InlineData("PROXY TCP6 2001:db8::9 2001:db8::1 4711 53\r\n", "[2001:db8::9]:4711", "[2001:db8::1]:53")]
    [InlineData("PROXY UNKNOWN\r\n", "", "")]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "", "")]
    public void TryRead_Text_SaysWhoItIs(string text, string client, string addressed)
    {
        Assert.True(ProxyHeader.TryRead([.. text.Select(static letter => (byte)letter), 1, 2, 3], out var header));
        Assert.Equal((text.Length, client, addressed), (header.Length, $"{header.Client}", $"{header.Addressed}"));
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711 53\n ")]
    [InlineData("PROXY TCP4 2001:db8::9 192.0.2.1 4711 53\r\n")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711 99999\r\n")]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n")]
    [InlineData("PROXY SCTP 203.0.113.9 192.0.2.1 4711 53\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("PROXY ")]
    public void TryRead_NoHeader_IsNone(string text) => Assert.False(ProxyHeader.TryRead([.. text.Select(static letter => (byte)letter)], out _));

    [Fact]
    public void TryRead_BinaryCutOrWrong_IsNone()
    {
        for (var length = 0; length < s_four.Length; length++)
        {
            Assert.False(ProxyHeader.TryRead(s_four.AsSpan(0, length), out _));
        }

        byte[] command = [.. s_four], family = [.. s_four], local = [.. s_four];
        (command[12], family[13], local[12]) = (0x11, 0x31, 0x20);
        Assert.False(ProxyHeader.TryRead(command, out _));
        Assert.False(ProxyHeader.TryRead(family, out _));
        Assert.True(ProxyHeader.TryRead(local, out var own));
        Assert.Null(own.Client);
        Assert.False(ProxyHeader.TryRead(ProxyHeaders.Binary(new IPEndPoint(1, 1), new IPEndPoint(1, 1), extensions: ProxyHeader.MaxLength), out _));
    }

    [Fact]
    public void TryRead_AnyOctets_NeverReadsBeyondThem() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<bool>(), (some, isBinary) =>
        {
            byte[] octets = isBinary ? [.. s_four.AsSpan(0, 13), .. some] : [.. "PROXY TCP4 "u8, .. some];
            return !ProxyHeader.TryRead(octets, out var header) || header.Length <= octets.Length;
        }));

    [Fact]
    public void Peers_MoreClientsThanFit_TheLatestAreKnown()
    {
        var peers = new ProxiedPeers();
        using var batch = new DatagramBatch(1, 4_096);
        var balancer = FlowEndpoint.From(IPAddress.Loopback, 9_999);
        for (var i = 0; i < (3 * ProxiedPeers.Capacity) + 5; i++)
        {
            byte[] datagram = [.. ProxyHeaders.Binary(new IPEndPoint(0x0100000A + i, 53_000), new IPEndPoint(IPAddress.Parse("192.0.2.1"), 53)), 7];
            datagram.CopyTo(batch.Buffer(0));
            batch[0] = new DatagramSlot { Remote = balancer, Local = FlowEndpoint.From(IPAddress.Loopback, 53), Length = datagram.Length };
            Assert.Equal(1, peers.Unwrap(batch, 1, new NetworkSet([IPNetwork.Parse("127.0.0.0/8")])));
            Assert.Equal(1, batch[0].Length);
            Assert.Equal(7, batch.Payload(0)[0]);
            Assert.NotEqual(balancer, batch[0].Remote);
            peers.Wrap(batch, 1);
            Assert.Equal(balancer, batch[0].Remote);
        }
    }
}
