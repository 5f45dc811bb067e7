using DnsFlow.Protocol;
using DnsFlow.Protocol.Rdata;

namespace DnsFlow.Tests.Protocol;

public class RdataTextTests
{
    private static readonly DomainName s_origin = DomainName.Parse("origin.example.");

    public static TheoryData<RecordType, string, string> Vectors
    {
        get
        {
            var data = new TheoryData<RecordType, string, string>();
            foreach (var (type, text, rdata) in RecordVectors.All)
            {
                data.Add(type, text, Convert.ToHexString(rdata));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void TryParse_EveryType_GivesItsWireForm(RecordType type, string text, string hex)
    {
        Assert.True(RdataText.TryParse(type, text, s_origin, out var rdata, out var error), error);
        Assert.Equal(hex, Convert.ToHexString(rdata));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void ToText_EveryType_GivesItsPresentationForm(RecordType type, string text, string hex) =>
        Assert.Equal(text, RdataText.ToText(type, RecordClass.IN, Convert.FromHexString(hex)));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void TryParse_GenericForm_GivesTheSame(RecordType type, string text, string hex)
    {
        Assert.NotNull(text);
        Assert.True(RdataText.TryParse(type, $"\\# {hex.Length / 2} {hex}", s_origin, out var rdata, out var error), error);
        Assert.Equal(hex, Convert.ToHexString(rdata));
    }

    /// <summary>Cut short anywhere, RDATA is refused or is another legal value that prints and reads back; nothing throws.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void ToText_CutShort_ReadsBack(RecordType type, string text, string hex)
    {
        Assert.NotNull(text);
        var whole = Convert.FromHexString(hex);
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = whole.AsSpan(0, length);
            var printed = RdataText.ToText(type, RecordClass.IN, cut);
            var read = RdataText.TryParse(type, printed, DomainName.Root, out var again, out _);
            Assert.Equal(RdataText.IsWellFormed(type, RecordClass.IN, cut), read);
            Assert.True(!read || cut.SequenceEqual(again));
        }
    }

    [Fact]
    public void Vectors_AllLayouts_AreCovered()
    {
        var tested = RecordVectors.All.Select(vector => vector.Type).ToHashSet();
        Assert.DoesNotContain(Enum.GetValues<RecordType>(), type => RdataLayouts.Find(type, RecordClass.IN) is not null && !tested.Contains(type));
    }

    [Theory]
    [InlineData(RecordType.SOA, "ns host 1 2h 1h30m 2w 1d", "ns.origin.example. host.origin.example. 1 7200 5400 1209600 86400")]
    [InlineData(RecordType.MX, "10 @", "10 origin.example.")]
    [InlineData(RecordType.MX, "10 .", "10 .")]
    [InlineData(RecordType.TXT, "bare words \\; \\\"", "\"bare\" \"words\" \";\" \"\\\"\"")]
    [InlineData(RecordType.TXT, "\"ü\"", "\"\\195\\188\"")]
    [InlineData(RecordType.AAAA, "2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData(RecordType.WKS, "192.0.2.1 tcp 25", "192.0.2.1 6 25")]
    [InlineData(RecordType.LOC, "42 N 71 6 W -24m", "42 0 0.000 N 71 6 0.000 W -24.00m 1.00m 10000.00m 10.00m")]
    [InlineData(RecordType.LOC, "42 21 54.5 N 71 6 18 W 0 1.5m", "42 21 54.500 N 71 6 18.000 W 0.00m 1.00m 10000.00m 10.00m")]
    [InlineData(RecordType.DS, "60485 RSASHA1 1 2bb183af 5f22588179a5\n3b0a98631fad1a292118", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118")]
    [InlineData(RecordType.CERT, "PKIX 1 RSASHA256 AQID BA==", "1 1 8 AQIDBA==")]
    [InlineData(RecordType.NSEC, "a A A TYPE1 aaaa", "a.origin.example. A AAAA")]
    [InlineData(RecordType.RRSIG, "TYPE65280 8 1 60 1893456000 1767225600 1 . AQ==", "TYPE65280 8 1 60 20300101000000 20260101000000 1 . AQ==")]
    [InlineData(RecordType.HTTPS, "1 . ipv4hint=192.0.2.1 alpn=h2,h3 key3=443", "1 . alpn=\"h2,h3\" port=443 ipv4hint=192.0.2.1")]
    [InlineData(RecordType.SVCB, "1 a alpn=\"h 2\"", "1 a.origin.example. alpn=\"h 2\"")]
    [InlineData(RecordType.APL, "", "")]
    [InlineData(RecordType.NSAP, "0x47.0005.80", "0x47000580")]
    [InlineData(RecordType.SIG, "\\# 20 0001 05 03 00015180 714646D7 69989A57 0A52 00 01", "A 5 3 86400 20300322173103 20260220173103 2642 . AQ==")]
    public void TryParse_OtherSpellings_AreUnderstood(RecordType type, string text, string printed)
    {
        Assert.True(RdataText.TryParse(type, text, s_origin, out var rdata, out var error), error);
        Assert.Equal(printed, RdataText.ToText(type, RecordClass.IN, rdata));
    }

    [Theory]
    [InlineData(RecordType.A, "")]
    [InlineData(RecordType.A, "192.0.2")]
    [InlineData(RecordType.A, "192.0.2.256")]
    [InlineData(RecordType.A, "192.0.2.01")]
    [InlineData(RecordType.A, "192.0.2.1.")]
    [InlineData(RecordType.A, "0x7f000001")]
    [InlineData(RecordType.A, "192.0.2.1 192.0.2.2")]
    [InlineData(RecordType.A, "\\# 3 C00002")]
    [InlineData(RecordType.A, "\\# 4 C0000")]
    [InlineData(RecordType.A, "\\# 4")]
    [InlineData(RecordType.A, "\\# x C0000201")]
    [InlineData(RecordType.A, "\\#")]
    [InlineData(RecordType.AAAA, "fe80::1%eth0")]
    [InlineData(RecordType.AAAA, "[::1]")]
    [InlineData(RecordType.AAAA, "192.0.2.1")]
    [InlineData(RecordType.AAAA, "1:2:3")]
    [InlineData(RecordType.NS, "a..example.")]
    [InlineData(RecordType.NS, ".example.")]
    [InlineData(RecordType.NS, "\"quoted.example.\"")]
    [InlineData(RecordType.NS, "\\# 2 C00C")]
    [InlineData(RecordType.MX, "65536 mail")]
    [InlineData(RecordType.MX, "-1 mail")]
    [InlineData(RecordType.MX, "10")]
    [InlineData(RecordType.TXT, "")]
    [InlineData(RecordType.TXT, "\"open")]
    [InlineData(RecordType.TXT, "\\256")]
    [InlineData(RecordType.TXT, "\\25")]
    [InlineData(RecordType.SOA, "a b 1 2 3 4 1y")]
    [InlineData(RecordType.SOA, "a b 1 2 3 4 1h5")]
    [InlineData(RecordType.SOA, "a b 1 2 3 4 8000w")]
    [InlineData(RecordType.LOC, "91 N 0 E 0")]
    [InlineData(RecordType.LOC, "90 0 0.001 N 0 E 0")]
    [InlineData(RecordType.LOC, "42 60 N 0 E 0")]
    [InlineData(RecordType.LOC, "42 N 0 E")]
    [InlineData(RecordType.LOC, "42 N 0 E -100000.01m")]
    [InlineData(RecordType.CAA, "0 is-sue \"x\"")]
    [InlineData(RecordType.CAA, "0 \"\" \"x\"")]
    [InlineData(RecordType.EUI48, "00-00-5e-00-53")]
    [InlineData(RecordType.EUI48, "00-00-5e-00-53-2a-2b")]
    [InlineData(RecordType.NID, "10 0014:4fff:ff20")]
    [InlineData(RecordType.APL, "1:192.0.2.0/33")]
    [InlineData(RecordType.APL, "3:192.0.2.0/24")]
    [InlineData(RecordType.DS, "1 1 1")]
    [InlineData(RecordType.DS, "1 1 1 ABC")]
    [InlineData(RecordType.DNSKEY, "256 3 5 !!!!")]
    [InlineData(RecordType.NSEC3, "1 0 0 - - ZZ")]
    [InlineData(RecordType.NSEC3, "1 0 0 - W A")]
    [InlineData(RecordType.RRSIG, "A 5 3 86400 20301322173103 20260220173103 2642 . AQ==")]
    [InlineData(RecordType.NXT, "a TYPE128")]
    [InlineData(RecordType.IPSECKEY, "10 4 2 x AQ==")]
    [InlineData(RecordType.AMTRELAY, "10 2 1 192.0.2.1")]
    [InlineData(RecordType.HTTPS, "1 . alpn=h2 alpn=h3")]
    [InlineData(RecordType.HTTPS, "1 . no-default-alpn")]
    [InlineData(RecordType.HTTPS, "1 . mandatory=port alpn=h2")]
    [InlineData(RecordType.HTTPS, "1 . mandatory=mandatory")]
    [InlineData(RecordType.HTTPS, "1 . mandatory=")]
    [InlineData(RecordType.HTTPS, "1 . alpn=h2,,h3")]
    [InlineData(RecordType.HTTPS, "1 . port=65536")]
    [InlineData(RecordType.HTTPS, "1 . ipv4hint=::1")]
    [InlineData(RecordType.HTTPS, "1 . ipv4hint=")]
    [InlineData(RecordType.HTTPS, "1 . ech=")]
    [InlineData(RecordType.HTTPS, "1 . key65535=a")]
    [InlineData(RecordType.HTTPS, "1 . nokey=a")]
    [InlineData((RecordType)65534, "abc")]
    public void TryParse_Malformed_SaysWhy(RecordType type, string text)
    {
        Assert.False(RdataText.TryParse(type, text, s_origin, out var rdata, out var error));
        Assert.Null(rdata);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void TryParse_StringOf256_IsRefused() =>
        Assert.False(RdataText.TryParse(RecordType.TXT, new string('x', 256), s_origin, out _, out _));

    [Fact]
    public void TryParse_LoneSurrogate_IsRefused() => Assert.False(RdataText.TryParse(RecordType.TXT, "a\uD800", s_origin, out _, out _));

    [Fact]
    public void ToText_AddressOfAnotherClass_IsGeneric() =>
        Assert.Equal("\\# 4 C0000201", RdataText.ToText(RecordType.A, RecordClass.CH, [192, 0, 2, 1]));
}
