using System.Net;
using DnsFlow.Flows;
using DnsFlow.Upstreams;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Upstreams;

public class UpstreamAddressTests
{
    [Theory]
    [InlineData("9.9.9.9", "udp", "9.9.9.9:53")]
    [InlineData("9.9.9.9:5353", "udp", "9.9.9.9:5353")]
    [InlineData("udp://9.9.9.9", "udp", "9.9.9.9:53")]
    [InlineData("UDP://9.9.9.9:54", "udp", "9.9.9.9:54")]
    [InlineData("2620:fe::fe", "udp", "[2620:fe::fe]:53")]
    [InlineData("[2620:fe::fe]", "udp", "[2620:fe::fe]:53")]
    [InlineData("[2620:fe::fe]:5353", "udp", "[2620:fe::fe]:5353")]
    [InlineData("udp://[2620:fe::fe]:53", "udp", "[2620:fe::fe]:53")]
    [InlineData("tcp://9.9.9.9", "tcp", "tcp://9.9.9.9:53")]
    [InlineData("tcp://[2620:fe::fe]", "tcp", "tcp://[2620:fe::fe]:53")]
    [InlineData("system:", "system", "system:")]
    [InlineData("System:", "system", "system:")]
    [InlineData("tls://9.9.9.9", "tls", "tls://9.9.9.9:853")]
    [InlineData("tls://9.9.9.9#dns.quad9.net", "tls", "tls://9.9.9.9:853#dns.quad9.net")]
    [InlineData("tls://[2620:fe::fe]:8853#dns.quad9.net", "tls", "tls://[2620:fe::fe]:8853#dns.quad9.net")]
    [InlineData("TLS://dns.quad9.net", "tls", "tls://dns.quad9.net:853")]
    [InlineData("tls://dns.quad9.net:8853", "tls", "tls://dns.quad9.net:8853")]
    [InlineData("https://dns.quad9.net", "https", "https://dns.quad9.net:443/dns-query")]
    [InlineData("https://dns.quad9.net/", "https", "https://dns.quad9.net:443/dns-query")]
    [InlineData("https://dns.quad9.net/dns-query{?dns}", "https", "https://dns.quad9.net:443/dns-query")]
    [InlineData("https://9.9.9.9/dns-query#dns.quad9.net", "https", "https://9.9.9.9:443/dns-query#dns.quad9.net")]
    [InlineData("https://[2620:fe::fe]:8443/a/b-c~d", "https", "https://[2620:fe::fe]:8443/a/b-c~d")]
    [InlineData("quic://9.9.9.9", "quic", "quic://9.9.9.9:853")]
    [InlineData("quic://9.9.9.9#dns.quad9.net", "quic", "quic://9.9.9.9:853#dns.quad9.net")]
    [InlineData("QUIC://dns.quad9.net:8853", "quic", "quic://dns.quad9.net:8853")]
    [InlineData("h3://dns.quad9.net", "h3", "h3://dns.quad9.net:443/dns-query")]
    [InlineData("h3://[2620:fe::fe]:8443/a#dns.quad9.net", "h3", "h3://[2620:fe::fe]:8443/a#dns.quad9.net")]
    public void TryParse_Valid_IsReadAndPrinted(string text, string scheme, string printed)
    {
        Assert.True(UpstreamAddress.TryParse(text, out var address, out var error), error);
        Assert.Equal((scheme, printed), (address.Scheme, address.ToString()));
    }

    [Theory]
    [InlineData("quic://9.9.9", "neither an address nor a host name")]
    [InlineData("quic://9.9.9.9/dns-query", "neither an address nor a host name")]
    [InlineData("h3://dns.quad9.net/a?b=c", "the path is letters")]
    [InlineData("h3://9.9.9.9#", "not a host name")]
    [InlineData("tls://9.9.9", "neither an address nor a host name")]
    [InlineData("tls://dns..net", "neither an address nor a host name")]
    [InlineData("tls://-dns.net", "neither an address nor a host name")]
    [InlineData("tls://9.9.9.9#", "not a host name")]
    [InlineData("tls://9.9.9.9#a b", "not a host name")]
    [InlineData("tls://9.9.9.9/dns-query", "neither an address nor a host name")]
    [InlineData("https://dns.quad9.net/a?b=c", "the path is letters")]
    [InlineData("https://user@dns.quad9.net/dns-query", "neither an address nor a host name")]
    [InlineData("tls://0.0.0.0#dns.quad9.net", "wildcard")]
    [InlineData("dns.quad9.net", "not by a name")]
    [InlineData("tcp://dns.quad9.net:53", "not by a name")]
    [InlineData("ftp://9.9.9.9", "unknown scheme 'ftp'")]
    [InlineData("", "not an address")]
    [InlineData("9", "not an address")]
    [InlineData("9.9.9", "not an address")]
    [InlineData("09.9.9.9", "not an address")]
    [InlineData("[9.9.9.9]:53", "not an address")]
    [InlineData("9.9.9.9:0", "port")]
    [InlineData("9.9.9.9:65536", "port")]
    [InlineData("9.9.9.9:", "port")]
    [InlineData("9.9.9.9:domain", "port")]
    [InlineData("[2620:fe::fe]53", "port")]
    [InlineData("0.0.0.0", "wildcard")]
    [InlineData("[::]:53", "wildcard")]
    [InlineData("224.0.0.251", "multicast")]
    [InlineData("255.255.255.255", "broadcast")]
    [InlineData("ff02::fb", "multicast")]
    public void TryParse_Invalid_SaysWhy(string text, string why)
    {
        Assert.False(UpstreamAddress.TryParse(text, out _, out var error));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_AnyAddress_IsParsedToTheSame()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<uint, ushort, bool>((address, port, isV6) =>
        {
            var host = isV6 ? new IPAddress([0x20, 1, 0xD, 0xB8, .. new byte[8], .. BitConverter.GetBytes(address)]) : new IPAddress(BitConverter.GetBytes(address | 1) is var b ? [(byte)(1 + (b[0] % 200)), b[1], b[2], b[3]] : []);
            var made = UpstreamAddress.ForDatagrams(FlowEndpoint.From(host, Math.Max((ushort)1, port)));
            return UpstreamAddress.TryParse(made.ToString(), out var parsed, out _) && parsed == made;
        }));

    [Fact]
    public void TryParse_AnyText_NeitherThrowsNorSaysNothing()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<string>(text =>
            text is null || UpstreamAddress.TryParse(text, out var address, out var error) == (address is not null) && (address is null) == (error is not null)));
}
