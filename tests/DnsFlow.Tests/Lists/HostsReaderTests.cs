using DnsFlow.Lists;
using DnsFlow.Protocol;

namespace DnsFlow.Tests.Lists;

public sealed class HostsReaderTests
{
    private const string Text = """
        # preamble
        127.0.0.1 localhost
        ::1 ip6-localhost ip6-loopback
        fe80::1%lo0 localhost
        0.0.0.0 0.0.0.0
        0.0.0.0 ads.example # a comment
        127.0.0.1	tabs.example	other.example
        ::	six.example
        192.0.2.7 here.example
        2001:db8::7 here.example
        """;

    private static readonly ListData s_list = TestLists.Read(Text);

    [Theory]
    [InlineData("ads.example", 6)]
    [InlineData("www.ads.example", 0)]
    [InlineData("tabs.example", 7)]
    [InlineData("other.example", 7)]
    [InlineData("six.example", 8)]
    [InlineData("localhost", 0)]
    [InlineData("here.example", 9)]
    public void Match_Name_IsExact(string name, int line) => Assert.Equal(line, TestLists.Line(s_list, name));

    [Fact]
    public void Read_OwnNames_AreSkippedWithTheirReason() => Assert.Equal(5, s_list.Sources[0].Skipped[SkipReason.OwnHost]);

    [Fact]
    public void Match_Blocking_HasNoAnswer() => Assert.Null(TestLists.Ask(TestLists.Set(s_list), "ads.example").Answer);

    [Fact]
    public void Match_TwoAddresses_AddUp()
    {
        var answer = TestLists.Ask(TestLists.Set(s_list), "here.example").Answer!;
        Assert.Equal([RecordType.A, RecordType.AAAA], answer.Records.Select(record => record.Type));
        Assert.Equal("C0000207", Convert.ToHexString(answer.Records[0].Rdata.Span));
    }
}
