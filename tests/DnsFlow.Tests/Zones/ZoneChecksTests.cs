using DnsFlow.Protocol;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones;

public class ZoneChecksTests
{
    [Theory]
    [InlineData("a CNAME b\na A 192.0.2.1", 7, "A beside a CNAME of 'a.example.' (line 6)")]
    [InlineData("a A 192.0.2.1\na CNAME b", 6, "A beside a CNAME of 'a.example.' (line 7)")]
    [InlineData("a CNAME b\na CNAME c", 7, "a second CNAME of 'a.example.'; only one is allowed (the first is in line 6)")]
    [InlineData("@ SOA ns h 9 9 9 9 9", 6, "a second SOA")]
    [InlineData("sub SOA ns h 9 9 9 9 9", 6, "SOA at 'sub.example.': it may stand only at the apex, 'example.'")]
    [InlineData("a DNAME b\na DNAME c", 7, "a second DNAME")]
    [InlineData("a.other. A 192.0.2.1", 6, "'a.other.' is not in the zone 'example.'; owners must be at or below it")]
    [InlineData("@ DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000", 6, "DS at the apex")]
    [InlineData("@ NS gone", 6, "NS 'gone.example.' has no address in the zone")]
    [InlineData("@ NS x.d\nd DNAME e", 6, "NS 'x.d.example.' is below the DNAME of 'd.example.'")]
    [InlineData("@ NS alias\nalias CNAME ns", 6, "NS 'alias.example.' is an alias")]
    public void Check_BrokenZone_TellsWhy(string records, int line, string message)
    {
        var error = Assert.Single(Errors(WithHead(records)));

        Assert.Equal(line, error.Line);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_EmptyFile_TellsThatSoaAndNsAreMissing() => Assert.Equal(
        [
            "z.zone: zone 'example.' has no SOA record; exactly one is needed, owned by 'example.'",
            "z.zone: zone 'example.' has no NS record at its apex; one or more are needed, for example '@ NS ns'",
        ],
        Errors("").Select(error => error.ToString()));

    [Theory]
    [InlineData("a CNAME b\na CNAME b")]                    // a repetition is dropped, as everywhere
    [InlineData("@ SOA ns hostmaster 1 2 3 4 300")]
    [InlineData("a CNAME b\na NSEC c CNAME NSEC")]           // RFC 4034 section 4: NSEC and RRSIG stand beside a CNAME
    [InlineData("@ NS w.wild\n*.wild A 192.0.2.1")]
    [InlineData("@ NS ns.elsewhere.")]
    [InlineData("@ NS ns.sub\nsub NS ns.sub")]
    [InlineData("sub NS ns.sub")]                            // a delegation without glue is the child's matter
    public void Check_SoundZone_HasNoErrors(string records) => Assert.Empty(Errors(WithHead(records)));

    [Fact]
    public void Build_DuplicatesAndMixedTtls_OneRRsetWithTheLowestTtl()
    {
        // RFC 2181 section 5.
        var reply = Ask(Step("a 60 A 192.0.2.1\na 30 A 192.0.2.2\na 90 A 192.0.2.1"), "a.example. A");

        Assert.Equal(["a.example. 30 A 192.0.2.1", "a.example. 30 A 192.0.2.2"], reply.Answers);
    }

    [Fact]
    public void Build_RRsetThatFitsNoResponse_IsCutOverUdpAndAFailureOverTcp()
    {
        var text = new string('x', 250);
        var step = Step(string.Join('\n', Enumerable.Range(0, 260).Select(i => $"a TXT {text}{i}")));

        Assert.True(Ask(step, "a.example. TXT").Header.IsTruncated);
        Assert.Equal(ResponseCode.ServFail, Ask(step, "a.example. TXT", tcp: true).Code);
    }

    [Theory]
    [InlineData("CPNMU===.example.  NSEC3 1 1 12 aabb I7A7A184GGMI35K1E3IR650LKO7NOB5R A")]      // padded
    [InlineData("I7A7A184GGMI35K1E3IR650LKO7NOB5R NSEC3 1 0 10 76931F IMQ912BREQP1POLAH3RMONG A")]  // no SHA-1 hash
    [InlineData("I7A7A184GGMI35K1E3IR650LKO7NOB5R.a NSEC3 1 0 10 76931F I7A7A184GGMI35K1E3IR650LKO7NOB5R A")]
    [InlineData("www NSEC3 1 0 10 76931F I7A7A184GGMI35K1E3IR650LKO7NOB5R A")]
    public void Check_Nsec3ThatIsNoHash_IsRefused(string record) =>
        Assert.Contains("NSEC3", Assert.Single(Errors(WithHead(record))).Message, StringComparison.Ordinal);
}
