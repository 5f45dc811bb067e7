using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Tests.Queries;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

/// <summary>What RFC 4035 section 3, with RFC 6840 section 5, asks of a security-aware server that forwards; a row for each rule.</summary>
public sealed class DnssecAwareTests
{
    private const string Name = "www.example";
    private const ushort Rd = 0x0100, Ad = 0x0020, Cd = 0x0010;

    [Theory]
    [InlineData("4035 3.2.1: DO of the query goes upstream", false, Rd)]
    [InlineData("4035 3.2.1: DO of the query goes upstream", true, Rd)]
    [InlineData("4035 3.2.2: CD of the query goes upstream", false, Rd | Cd)]
    [InlineData("4035 3.2.2: CD of the query goes upstream", true, Rd | Cd)]
    [InlineData("6840 5.7: AD is asked for, whoever asks", false, Rd | Ad)]
    public void Query_Upstream_HasTheBits(string rule, bool dnssecOk, ushort flags)
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query(Name, udpSize: 1232, dnssecOk: dnssecOk, flags: flags));
        Assert.True(DnsMessageReader.TryRead(harness.Upstream.Take().Query, out var query), rule);
        Assert.Equal(dnssecOk, query.Edns!.DnssecOk);
        Assert.Equal((flags & Cd) != 0, query.CheckingDisabled);
        Assert.True(query.AuthenticData);
        Assert.InRange(query.Edns.UdpPayloadSize, 1220, 4096);     // 4035 3: at least 1,220 octets
    }

    [Theory]
    [InlineData("4035 3.2.3 / 6840 5.8: AD only as the upstream said", true, Rd, true, false, false)]
    [InlineData("6840 5.7: AD for who set DO", true, Rd, true, true, true)]
    [InlineData("6840 5.7: AD for who set AD", false, Rd | Ad, true, true, true)]
    [InlineData("6840 5.8: no AD for who set neither", false, Rd, true, true, false)]
    [InlineData("6840 5.7: AD without EDNS", false, Rd | Ad, false, true, true)]
    [InlineData("4035 3.2.2: CD is copied", false, Rd | Cd, true, false, false)]
    [InlineData("4035 3.2.2: CD is copied", true, Rd | Cd, true, true, true)]
    public void Response_Client_HasTheBits(string rule, bool dnssecOk, ushort flags, bool hasEdns, bool upstreamSaysAd, bool expected)
    {
        using var harness = new ShardHarness();
        var query = Wire.Query(Name, udpSize: hasEdns ? 1232 : 0, dnssecOk: dnssecOk, flags: flags);
        for (var round = 0; round < 2; round++)
        {
            harness.Send(query, client: round);
            if (round == 0)
            {
                Answer(harness, signed: dnssecOk, ad: upstreamSaysAd);      // the second comes out of the cache
            }

            Assert.True(DnsMessageReader.TryRead(harness.Response(round)!, out var response), rule);
            Assert.Equal(expected, response.AuthenticData);
            Assert.Equal((flags & Cd) != 0, response.CheckingDisabled);
            Assert.Equal(hasEdns, response.Edns is not null);
            Assert.Equal(dnssecOk, response.Edns?.DnssecOk ?? false);       // 3225 section 3: DO is copied
        }
    }

    [Theory]
    [InlineData("4035 3.2.1: with DO nothing is taken out", true, RecordType.A, "A RRSIG", "NSEC RRSIG")]
    [InlineData("4035 3.2.1: without DO what was not asked for is taken out", false, RecordType.A, "A", "")]
    [InlineData("4035 3.2.1: but not what was", false, RecordType.RRSIG, "RRSIG", "")]
    public void Response_Records_AreThose(string rule, bool dnssecOk, RecordType type, string answer, string authority)
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query(Name, type, udpSize: 1232, dnssecOk: dnssecOk));
        Answer(harness, signed: true, ad: false, type);
        Assert.True(DnsMessageReader.TryRead(harness.Response()!, out var response), rule);
        Assert.Equal(answer, string.Join(' ', response.Answer.Select(static record => record.Type)));
        Assert.Equal(authority, string.Join(' ', response.Authority.Select(static record => record.Type)));
    }

    [Fact]
    public void Signatures_Octets_AreThoseOfTheUpstream()
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query(Name, udpSize: 1232, dnssecOk: true));
        Answer(harness, signed: true, ad: true);
        Assert.True(harness.Response()!.AsSpan().IndexOf(ResponseBuilder.Signature(RecordType.A)) > 0);
    }

    [Theory]
    [InlineData(true, Rd, false, Rd)]
    [InlineData(false, Rd, true, Rd)]
    [InlineData(true, Rd | Cd, true, Rd)]
    [InlineData(false, Rd, false, Rd | Cd)]
    public void Cache_DoOrCdDiffer_IsAnotherQuestion(bool first, ushort firstFlags, bool second, ushort secondFlags)
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query(Name, udpSize: 1232, dnssecOk: first, flags: firstFlags));
        Answer(harness, signed: first, ad: false);
        harness.Send(Wire.Query(Name, udpSize: 1232, dnssecOk: second, flags: secondFlags), client: 1);
        Assert.Null(harness.Response(1));
        Assert.Equal(2, harness.Upstream.Received);
    }

    [Fact]
    public void Ad_Response_CutForTheClient_DoesNotHaveIt()
    {
        using var harness = new ShardHarness();
        harness.Send(Wire.Query(Name, udpSize: 512, dnssecOk: true));
        Answer(harness, signed: true, ad: true, padding: 600);
        var header = Wire.Header(harness.Response()!);
        Assert.True(header.IsTruncated);
        Assert.Equal(0, header.Flags & Ad);
    }

    [Fact]
    public void Ad_Response_AfterItsTime_DoesNotHaveIt()
    {
        using var harness = new ShardHarness();
        harness.Exchange.OnAsk = static (_, _, _, _) => new TaskCompletionSource<UpstreamResult>().Task;
        harness.Send(Wire.Query(Name, udpSize: 1232, dnssecOk: true));
        Answer(harness, signed: true, ad: true);
        harness.Response();
        harness.Elapse(TimeSpan.FromSeconds(400));
        harness.Send(Wire.Query(Name, udpSize: 1232, dnssecOk: true));
        harness.Elapse(TimeSpan.FromMilliseconds(1800));
        Assert.True(DnsMessageReader.TryRead(harness.Response()!, out var response));
        Assert.False(response.AuthenticData);
        Assert.Equal(2, response.Answer.Count);
    }

    private static void Answer(ShardHarness harness, bool signed, bool ad, RecordType type = RecordType.A, int padding = 0)
    {
        var asked = harness.Upstream.Take();
        var builder = new ResponseBuilder(Name, type, (ushort)(0x8180 | (ad ? Ad : 0))) { Id = Wire.Header(asked.Query).Id };
        builder.Address();
        if (signed)
        {
            byte[] signature = [.. ResponseBuilder.Signature(RecordType.A), .. new byte[padding]];
            builder.Add(0, "", RecordType.RRSIG, 300, signature);
            builder.Add(1, "example", RecordType.NSEC, 300, [.. ResponseBuilder.Name("z.example"), 0, 1, 0x40]);
            builder.Add(1, "example", RecordType.RRSIG, 300, ResponseBuilder.Signature(RecordType.NSEC));
        }

        asked.Answer(builder.Build());
        harness.Run();
    }
}
