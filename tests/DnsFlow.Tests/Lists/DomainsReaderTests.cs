using DnsFlow.Lists;

namespace DnsFlow.Tests.Lists;

public sealed class DomainsReaderTests
{
    private const string Text = "\uFEFF# Title: a list\r\nads.example\r\nTrack.Example.   # why\r\n*.wild.example\r\n\r\nbücher.example\r\n_dmarc.example\r\n";

    [Theory]
    [InlineData("ads.example", 2)]
    [InlineData("ADS.example", 2)]
    [InlineData("www.ads.example", 0)]
    [InlineData("track.example", 3)]
    [InlineData("wild.example", 4)]
    [InlineData("a.b.wild.example", 4)]
    [InlineData("xn--bcher-kva.example", 6)]
    [InlineData("_dmarc.example", 7)]
    [InlineData("example", 0)]
    [InlineData(".", 0)]
    public void Match_Name_IsTheLineOfTheList(string name, int line)
    {
        var list = TestLists.Read(Text);
        Assert.Equal("domains", list.Sources[0].Syntax);
        Assert.Equal(line, TestLists.Line(list, name));
    }

    [Fact]
    public void Match_Subdomains_CoversWhatIsBelow()
    {
        var list = TestLists.Read(Text, new ListOptions { Subdomains = true });
        Assert.Equal(2, TestLists.Line(list, "www.ads.example"));
        Assert.Equal("ads.txt: ads.example", Describe(list, "www.ads.example"));
    }

    [Fact]
    public void Match_Except_NeverMatches()
    {
        var list = TestLists.Read(Text, except: "ads.example\n*.wild.example\n");
        Assert.Equal(0, TestLists.Line(list, "ads.example"));
        Assert.Equal(0, TestLists.Line(list, "a.wild.example"));
        Assert.Equal(3, TestLists.Line(list, "track.example"));
    }

    [Fact]
    public void Read_LinesThatAreNoNames_AreCountedAndTheFirstTold()
    {
        var list = TestLists.Read("good.example\n192.0.2.1\na..b\nspace in it\n" + new string('a', 64) + ".example\n" + string.Join('\n', Enumerable.Repeat("-.-/", 30)));
        var report = Assert.Single(list.Sources);
        Assert.Equal((1, 35), (report.Entries, report.Lines));
        Assert.Equal(1, report.Skipped[SkipReason.IsAddress]);
        Assert.Equal(33, report.Skipped[SkipReason.NotAName]);
        Assert.Equal(ListLimits.MaxSkippedTold, report.FirstSkipped.Count);
        Assert.Equal("ads.txt:2: an address, not a name", report.FirstSkipped[0].ToString());
    }

    [Fact]
    public void Read_SameNameTwice_IsOneEntryUnderTheFirstLine()
    {
        var list = TestLists.Read("a.example\nA.EXAMPLE\na.example.\n");
        Assert.Equal(1, list.Count);
        Assert.Equal(1, TestLists.Line(list, "a.example"));
    }

    [Fact]
    public void Read_NameAloneAndWithWhatIsBelow_IsOneEntry()
    {
        var list = TestLists.Read("a.example\n*.a.example\na.example\n*.b.example\nb.example\n");
        Assert.Equal(2, list.Count);
        Assert.Equal([2, 2, 4, 4], new[] { "a.example", "www.a.example", "b.example", "www.b.example" }.Select(name => TestLists.Line(list, name)));
    }

    private static string Describe(ListData list, string name)
    {
        var report = TestLists.Ask(TestLists.Set(list), name).Describe()!;
        return $"{report.Source}: {report.Text}";
    }
}
