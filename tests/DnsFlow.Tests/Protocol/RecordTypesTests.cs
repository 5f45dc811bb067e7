using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

public class RecordTypesTests
{
    [Theory]
    [InlineData("AAAA", RecordType.AAAA)]
    [InlineData("aaaa", RecordType.AAAA)]
    [InlineData("TYPE65", RecordType.HTTPS)]
    [InlineData("type65534", (RecordType)65534)]
    [InlineData("NSAP-PTR", RecordType.NSAPPTR)]
    [InlineData("TYPE0", RecordType.None)]
    public void TryParse_KnownAndNumbered_AreRead(string text, RecordType expected)
    {
        Assert.True(RecordTypes.TryParse(text, out var type));
        Assert.Equal(expected, type);
    }

    [Theory]
    [InlineData("")]
    [InlineData("TYPE")]
    [InlineData("TYPE65536")]
    [InlineData("TYPE01")]
    [InlineData("TYPE-1")]
    [InlineData("None")]
    [InlineData("12")]
    public void TryParse_Other_IsRefused(string text) => Assert.False(RecordTypes.TryParse(text, out _));

    [Fact]
    public void ToText_EveryNumber_ReadsBack()
    {
        for (var number = 0; number <= 65535; number++)
        {
            Assert.True(RecordTypes.TryParse(((RecordType)number).ToText(), out var type) && (int)type == number);
        }
    }

    [Theory]
    [InlineData("IN", RecordClass.IN)]
    [InlineData("ch", RecordClass.CH)]
    [InlineData("CLASS1", RecordClass.IN)]
    [InlineData("CLASS4711", (RecordClass)4711)]
    public void ClassTryParse_KnownAndNumbered_AreRead(string text, RecordClass expected)
    {
        Assert.True(RecordClasses.TryParse(text, out var @class));
        Assert.Equal(expected, @class);
        Assert.True(RecordClasses.TryParse(expected.ToText(), out var again) && again == expected);
    }

    [Fact]
    public void CodeToText_KnownAndOther_AreAsToolsPrintThem()
    {
        Assert.Equal("NXDOMAIN", ResponseCode.NXDomain.ToText());
        Assert.Equal("RCODE4000", ((ResponseCode)4000).ToText());
        Assert.Equal("QUERY", OpCode.Query.ToText());
        Assert.True(ResponseCodes.TryParse("servfail", out var code) && code == ResponseCode.ServFail);
    }
}
