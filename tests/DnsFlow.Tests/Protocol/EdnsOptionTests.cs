using System.Net;
using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

public class EdnsOptionTests
{
    [Theory]
    [InlineData("192.0.2.0", 24, "00011800C00002")]
    [InlineData("192.0.2.255", 25, "00011900C0000280")]
    [InlineData("0.0.0.0", 0, "00010000")]
    [InlineData("2001:db8::", 56, "0002380020010DB8000000")]
    public void ClientSubnet_RoundTrip_IsTheSame(string address, byte prefix, string hex)
    {
        var option = new ClientSubnet(IPAddress.Parse(address), prefix, 0).ToOption();
        Assert.Equal(hex, Convert.ToHexString(option.Data.Span));
        Assert.True(ClientSubnet.TryRead(option, out var subnet));
        Assert.Equal(option, subnet.ToOption());
        Assert.Equal(prefix, subnet.SourcePrefix);
    }

    [Theory]
    [InlineData("")]
    [InlineData("000118")]
    [InlineData("00031800C00002")]      // another family
    [InlineData("00012100C000020100")]  // 33 bits
    [InlineData("00011821C00002")]      // a scope of 33 bits
    [InlineData("00011800C000")]        // too short
    [InlineData("00011800C0000200")]    // too long
    [InlineData("00011700C00003")]      // a bit behind the prefix
    public void ClientSubnet_Malformed_IsRefused(string hex) =>
        Assert.False(ClientSubnet.TryRead(new EdnsOption(EdnsOptionCode.ClientSubnet, Convert.FromHexString(hex)), out _));

    [Theory]
    [InlineData(8, true)]
    [InlineData(16, true)]
    [InlineData(40, true)]
    [InlineData(7, false)]
    [InlineData(9, false)]
    [InlineData(15, false)]
    [InlineData(41, false)]
    public void Cookie_Lengths_AreChecked(int length, bool legal)
    {
        var option = new EdnsOption(EdnsOptionCode.Cookie, new byte[length]);
        Assert.Equal(legal, DnsCookie.TryRead(option, out var cookie));
        Assert.True(!legal || (cookie!.Client.Length == 8 && cookie.ToOption().Equals(option)));
    }

    [Fact]
    public void ExtendedError_RoundTrip_IsTheSame()
    {
        var error = new ExtendedError(ExtendedErrorCode.StaleAnswer, "zu spät");
        Assert.True(ExtendedError.TryRead(error.ToOption(), out var again));
        Assert.Equal(error, again);
        Assert.False(ExtendedError.TryRead(new EdnsOption(EdnsOptionCode.ExtendedError, new byte[1]), out _));
    }

    [Fact]
    public void Keepalive_RoundTrip_IsTheSame()
    {
        Assert.True(EdnsOption.Keepalive(TimeSpan.FromSeconds(10)).TryGetKeepalive(out var idle));
        Assert.Equal(TimeSpan.FromSeconds(10), idle);
        Assert.False(EdnsOption.Keepalive(null).TryGetKeepalive(out _));
    }

    [Fact]
    public void ToString_Options_AreReadable()
    {
        Assert.Equal("NSID: 6e7331 (\"ns1\")", new EdnsOption(EdnsOptionCode.NameServerIdentifier, "ns1"u8.ToArray()).ToString());
        Assert.Equal("CLIENT-SUBNET: 192.0.2.0/24/0", new ClientSubnet(IPAddress.Parse("192.0.2.0"), 24, 0).ToOption().ToString());
        Assert.Equal("COOKIE: 0102030405060708", new EdnsOption(EdnsOptionCode.Cookie, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }).ToString());
        Assert.Equal("PADDING: 3 octets", EdnsOption.Padding(3).ToString());
        Assert.Equal("TCP-KEEPALIVE: 1.5 s", EdnsOption.Keepalive(TimeSpan.FromSeconds(1.5)).ToString());
        Assert.Equal("EDE: 22 (NoReachableAuthority)", new ExtendedError(ExtendedErrorCode.NoReachableAuthority).ToOption().ToString());
        Assert.Equal("OPT=65001: 01", new EdnsOption((EdnsOptionCode)65001, new byte[] { 1 }).ToString());
        Assert.Equal("OPT=10: 01", new EdnsOption(EdnsOptionCode.Cookie, new byte[] { 1 }).ToString());
    }
}
