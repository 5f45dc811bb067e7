using DnsFlow.Lists;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Lists;

public sealed class AdBlockReaderTests
{
    [Theory]
    [InlineData("||ads.example^", "ads.example www.ads.example", "example badads.example")]
    [InlineData("||ads.example^|", "ads.example www.ads.example", "example")]
    [InlineData("|ads.example^", "ads.example", "www.ads.example")]
    [InlineData("|ads.example|", "ads.example", "www.ads.example")]
    [InlineData("||*.ads.example^", "www.ads.example", "ads.example")]
    [InlineData("||ads.example", "ads.example ads.example.org x.ads.examples", "badads.example")]
    [InlineData("ads.example^", "ads.example badads.example", "ads.example.org")]
    [InlineData("|460x60.", "460x60.example", "a460x60.example")]
    [InlineData("-banner-", "my-banner-1.example", "banner.example")]
    [InlineData("ads.", "ads.example myads.example", "ads")]
    [InlineData("||ad*.example^", "ad.example ads.example x.advert.example", "bad.example ads.example.org")]
    [InlineData("*track*.example^", "a.tracker.example", "track.example.org")]
    [InlineData("plain.example", "plain.example", "www.plain.example")]
    [InlineData("0.0.0.0 hosts.example", "hosts.example", "www.hosts.example")]
    [InlineData("/^ads[0-9]+\\.example$/", "ads1.example ads22.example", "ads.example xads1.example")]
    [InlineData("/banner\\d+/", "a.banner7.example", "banner.example")]
    [InlineData("||ADS.Example^", "ads.example", "example")]
    [InlineData("||bücher.example^", "xn--bcher-kva.example", "bucher.example")]
    public void Match_Pattern_CoversTheseNames(string rule, string covered, string others)
    {
        var list = TestLists.Read("! title\n||other.test^\n" + rule + "\n");
        Assert.All(covered.Split(' '), name => Assert.Equal(3, TestLists.Line(list, name)));
        Assert.All(others.Split(' '), name => Assert.Equal(0, TestLists.Line(list, name)));
    }

    [Theory]
    [InlineData("||a.example^", 1)]
    [InlineData("||a.example^\n@@||a.example^", 0)]
    [InlineData("||a.example^\n@@||www.a.example^", 0)]
    [InlineData("||a.example^$important\n@@||a.example^", 1)]
    [InlineData("||a.example^$important\n@@||a.example^$important", 0)]
    [InlineData("||a.example^\n||a.example^$badfilter", 0)]
    [InlineData("||a.example^$important,badfilter\n||a.example^$important\n||a.example^", 3)]
    [InlineData("-a-\n-a-$badfilter\n||www.a.example^", 3)]
    [InlineData("||a.example^$denyallow=www.a.example", 0)]
    [InlineData("||a.example^$denyallow=b.a.example|c.a.example", 1)]
    [InlineData("||a.example^$dnstype=A", 1)]
    [InlineData("||a.example^$dnstype=AAAA|HTTPS", 0)]
    [InlineData("||a.example^$dnstype=~A", 0)]
    [InlineData("||a.example^$dnstype=~AAAA|~TXT", 1)]
    [InlineData("||a.example^$client=192.0.2.0/24", 1)]
    [InlineData("||a.example^$client=198.51.100.7", 0)]
    [InlineData("||a.example^$client=~192.0.2.0/24", 0)]
    [InlineData("||a.example^$client=~'198.51.100.7'", 1)]
    public void Match_Modifiers_AreEvaluated(string rules, int line) =>
        Assert.Equal(line, TestLists.Line(TestLists.Read(rules + "\n||z.test^"), "www.a.example", RecordType.A, "192.0.2.1"));

    [Theory]
    [InlineData("||a.example^$dnsrewrite=192.0.2.1", "A 192.0.2.1")]
    [InlineData("||a.example^$dnsrewrite=2001:db8::1", "AAAA 2001:db8::1")]
    [InlineData("||a.example^$dnsrewrite=b.example", "CNAME b.example.")]
    [InlineData("||a.example^$dnsrewrite=NXDOMAIN", "NXDomain")]
    [InlineData("||a.example^$dnsrewrite=REFUSED;;", "Refused")]
    [InlineData("||a.example^$dnsrewrite=NOERROR;;", "NoData")]
    [InlineData("||a.example^$dnsrewrite=NOERROR;MX;10 mail.example", "MX 10 mail.example.")]
    [InlineData("||a.example^$dnsrewrite=NOERROR;TXT;two words", "TXT \"two words\"")]
    [InlineData("||a.example^$dnsrewrite=192.0.2.1\n||a.example^$dnsrewrite=192.0.2.2", "A 192.0.2.1, A 192.0.2.2")]
    [InlineData("@@||a.example^\n||a.example^$dnsrewrite=192.0.2.1", "A 192.0.2.1")]
    [InlineData("||a.example^$dnsrewrite=192.0.2.1\n@@||a.example^$dnsrewrite", "none")]
    [InlineData("||a.example^$dnsrewrite=192.0.2.1\n@@||a.example^$dnsrewrite=192.0.2.1", "none")]
    [InlineData("||a.example^$dnsrewrite=192.0.2.1\n@@||a.example^$dnsrewrite=192.0.2.9", "A 192.0.2.1")]
    public void Match_Rewrite_HasItsAnswer(string rules, string answer)
    {
        var match = TestLists.Ask(TestLists.Set(TestLists.Read(rules + "\n||z.test^")), "a.example");
        Assert.Equal(answer, match.IsMatch ? Print(match.Answer) : "none");
    }

    [Theory]
    [InlineData("example.com##.banner", SkipReason.Cosmetic)]
    [InlineData("##.banner", SkipReason.Cosmetic)]
    [InlineData("example.com#@#.banner", SkipReason.Cosmetic)]
    [InlineData("example.com$$script[data-x]", SkipReason.Cosmetic)]
    [InlineData("||example.com/ads/", SkipReason.UrlPath)]
    [InlineData("||example.com^*.js", SkipReason.UrlPath)]
    [InlineData("/banner.js", SkipReason.UrlPath)]
    [InlineData("/x\\/y/", SkipReason.UrlPath)]
    [InlineData("||example.com^$third-party", SkipReason.UnknownModifier)]
    [InlineData("||example.com^$important,script", SkipReason.UnknownModifier)]
    [InlineData("||example.com^$dnstype=NOTYPE", SkipReason.BadModifier)]
    [InlineData("||example.com^$dnstype=A|~AAAA", SkipReason.BadModifier)]
    [InlineData("||example.com^$dnsrewrite=NOERROR;A;x", SkipReason.BadModifier)]
    [InlineData("||example.com^$client=laptop", SkipReason.ClientName)]
    [InlineData("||example.com^$ctag=device_tv", SkipReason.ClientName)]
    [InlineData("*", SkipReason.CoversEverything)]
    [InlineData("||*^", SkipReason.CoversEverything)]
    [InlineData("||", SkipReason.CoversEverything)]
    [InlineData("|^", SkipReason.CoversEverything)]
    [InlineData("/(?=a)b/", SkipReason.BadExpression)]
    [InlineData("/((a{1,400}){1,400}){1,400}/", SkipReason.BadExpression)]
    [InlineData("/[/", SkipReason.BadExpression)]
    public void Read_LineThatIsNotForDns_IsSkippedWithItsReason(string line, string reason)
    {
        var list = TestLists.Read("||good.test^\n" + line);
        Assert.Equal(1, list.Count);
        Assert.Equal(new SkippedLine("ads.txt", 2, reason), Assert.Single(list.Sources[0].FirstSkipped));
    }

    [Theory]
    [InlineData("^ads[0-9]+\\.", "ads")]
    [InlineData("^(www|m)\\.tracker-[a-z]{2,5}\\.example$", ".tracker-")]
    [InlineData("ab?cd+e", "cd")]
    [InlineData("a{2}bcd", "bcd")]
    [InlineData("x[]a-z]yz", "yz")]
    [InlineData("^one|two", "")]
    [InlineData("(one|two)three\\d", "three")]
    [InlineData("[a-z-[aeiou]]xyz", "")]
    public void Create_Expression_KeyIsWhatEveryMatchHas(string expression, string key)
        => Assert.Equal(key, DnsFlow.Lists.Syntaxes.ExpressionPattern.Create(expression)?.Key ?? "");

    [Fact]
    public void Describe_Rule_IsTheLineAsItIsWritten()
    {
        var list = TestLists.Read("||a.example^$dnstype=A\n|b.\n");
        var set = TestLists.Set(list);
        Assert.Equal("a.example $dnstype=A", TestLists.Ask(set, "www.a.example").Describe()!.Text);
        Assert.Equal("|b.", TestLists.Ask(set, "b.example").Describe()!.Text);
    }

    internal static string Print(ListAnswer? answer) => answer is null ? "blocks" : answer.Kind != ListAnswerKind.Records
        ? answer.Kind.ToString()
        : string.Join(", ", answer.Records.Select(record =>
            $"{record.Type} {(record.IsBelowTarget ? "*." : "")}{RdataText.ToText(record.Type, RecordClass.IN, record.Rdata.Span)}"));
}
