using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Tests.Names;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("corp.example", "corp.example", true)]
    [InlineData("corp.example", "a.b.corp.example", true)]
    [InlineData("corp.example", "notcorp.example", false)]
    [InlineData("corp.example", "example", false)]
    [InlineData("CORP.Example.", "www.corp.eXample", true)]
    [InlineData("=host.example", "host.example", true)]
    [InlineData("=host.example", "a.host.example", false)]
    [InlineData("*.lab.example", "lab.example", false)]
    [InlineData("*.lab.example", "a.lab.example", true)]
    [InlineData("*.lab.example", "a.b.lab.example", true)]
    [InlineData(".", "anything.example", true)]
    [InlineData(".", ".", true)]
    [InlineData("=.", ".", true)]
    [InlineData("=.", "example", false)]
    [InlineData("*.", ".", false)]
    [InlineData("*.", "example", true)]
    [InlineData("_dns._udp.example", "_DNS._udp.example", true)]
    [InlineData("\\042.example", "*.example", true)]
    [InlineData("a\\.b.example", "a.b.example", false)]
    [InlineData("0/25.2.0.192.in-addr.arpa", "7.0/25.2.0.192.in-addr.arpa", true)]
    [InlineData("Bücher.example", "www.xn--bcher-kva.example", true)]
    [InlineData("почта.рф", "xn--80a1acny.xn--p1ai", true)]
    public void Covers_Name_FollowsTheScope(string pattern, string name, bool expected) =>
        Assert.Equal(expected, NamePattern.Parse(pattern).Covers(DomainName.Parse(name).Wire));

    [Theory]
    [InlineData("", "a name is missing; '.' is every name")]
    [InlineData("=", "a name is missing; '.' is every name")]
    [InlineData("@", "a name is missing; '.' is every name")]
    [InlineData("a..b", "a name has an empty label")]
    [InlineData("a.*.example", "'*' stands alone in front, as in '*.lab.example'")]
    [InlineData("*ads.example", "'*' stands alone in front, as in '*.lab.example'")]
    [InlineData("*", "'*' stands alone in front, as in '*.lab.example'")]
    [InlineData("a.example,b.example", "a name has no ','")]
    [InlineData("http://a.example", "a name has no ':'")]
    [InlineData("a example", "a name has no ' '")]
    [InlineData("||ads.example^", "a name has no '|'")]
    [InlineData("/ads?/", "regular expressions are not supported by this version")]
    [InlineData("a\\300.example", null)]
    [InlineData("xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "a label has at most 63 octets")]
    public void TryParse_NoPattern_SaysWhy(string text, string? reason)
    {
        Assert.False(NamePattern.TryParse(text, out _, out var error));
        Assert.Equal(reason ?? error, error);
    }

    [Fact]
    public void IsEverything_OnlyTheRootAndBelow()
    {
        Assert.True(NamePattern.Parse(".").IsEverything);
        Assert.False(NamePattern.Parse("=.").IsEverything);
        Assert.False(NamePattern.Parse("*.").IsEverything);
        Assert.False(NamePattern.Parse("example").IsEverything);
    }
}
