using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

public class ResolvConfTests
{
    [Fact]
    public void Parse_OrdinaryFile_GivesServersInOrderAndOnce()
    {
        const string Text = """
            # made by hand
            ; nameserver 203.0.113.9
            search example.org
            nameserver 192.0.2.1
            nameserver	2001:db8::1
            nameserver 192.0.2.1   # again
            nameserver fe80::1%2
            nameserver dns.example
            nameserver 0.0.0.0
            nameserver
            nameservers 192.0.2.7
            options edns0
            """;
        Assert.Equal(["192.0.2.1:53", "[2001:db8::1]:53", "[fe80::1%2]:53"], ResolvConf.Parse(Text).Select(server => server.ToString()));
    }

    [Fact]
    public void Parse_ManyServers_IsBounded()
        => Assert.Equal(16, ResolvConf.Parse(string.Concat(Enumerable.Range(1, 100).Select(i => $"nameserver 192.0.2.{i}\n"))).Count);
}
