using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;
using FsCheck;
using FsCheck.Fluent;
using static DnsFlow.Tests.Upstreams.TestUpstreams;

namespace DnsFlow.Tests.Upstreams;

public class ReplyMatcherTests
{
    private const ushort Id = 0xBEEF;

    public static TheoryData<ReplyField> Fields => [.. Enum.GetValues<ReplyField>()];

    [Fact]
    public void Match_TheReply_Matches() => Assert.Equal(ReplyMatch.Match, ReplyMatcher.Match(Reply(), Id, AskedQuestion));

    [Theory]
    [MemberData(nameof(Fields))]
    public void Match_OneFieldWrong_IsRefused(ReplyField field)
        => Assert.Equal(ReplyMatch.Mismatch, ReplyMatcher.Match(FakeReplies.Spoil(Reply(), field, AskedQuestion.Length), Id, AskedQuestion));

    [Fact]
    public void Match_AnyBitThatCountsChanged_IsRefused()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll<ushort>(place =>
        {
            var reply = Reply();
            var bit = place % (8 * (DnsHeader.Size + AskedQuestion.Length));
            reply[bit / 8] ^= (byte)(0x80 >> (bit % 8));
            return (ReplyMatcher.Match(reply, Id, AskedQuestion) == ReplyMatch.Match) == IsFree(bit);
        }));

    [Fact]
    public void Match_AnyOctets_NeitherThrowsNorMatches()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll<byte[]>(octets =>
        {
            ReplyMatcher.IsWhole(octets);
            return ReplyMatcher.Match(octets, Id, AskedQuestion) != ReplyMatch.Match;
        }));

    [Fact]
    public void Match_EveryPrefix_IsMalformedOrNoWholeReply()
    {
        var reply = Reply();
        for (var length = 0; length < reply.Length; length++)
        {
            var cut = reply.AsSpan(0, length);
            Assert.False(ReplyMatcher.Match(cut, Id, AskedQuestion) == ReplyMatch.Match && ReplyMatcher.IsWhole(cut), $"{length} octets");
        }

        Assert.True(ReplyMatcher.IsWhole(reply));
    }

    [Theory]
    [InlineData(ResponseCode.FormErr, true)]
    [InlineData(ResponseCode.NotImp, true)]
    [InlineData(ResponseCode.ServFail, false)]
    [InlineData(ResponseCode.Refused, false)]
    [InlineData(ResponseCode.NoError, false)]
    [InlineData(ResponseCode.NXDomain, false)]
    public void Match_WithoutQuestion_OnlyWhenTheServerCouldNotReadIt(ResponseCode code, bool matches)
    {
        var header = Reply()[..DnsHeader.Size];
        new DnsHeader(Id, (ushort)(DnsHeader.ResponseBit | (int)code), 0, 0, 0, 0).Write(header);
        Assert.Equal(matches ? ReplyMatch.Match : ReplyMatch.Mismatch, ReplyMatcher.Match(header, Id, AskedQuestion));
        header[7] = 1;      // with records it is no bare error
        Assert.Equal(ReplyMatch.Mismatch, ReplyMatcher.Match(header, Id, AskedQuestion));
    }

    [Fact]
    public void Match_LongerName_IsRefused()
    {
        byte[] longer = [4, (byte)'a', .. AskedQuestion];
        Assert.NotEqual(ReplyMatch.Match, ReplyMatcher.Match(ReplyTo(longer), Id, AskedQuestion));
        Assert.NotEqual(ReplyMatch.Match, ReplyMatcher.Match(Reply(), Id, longer));
    }

    [Fact]
    public void Match_Always_AllocatesNothing()
    {
        var reply = Reply();
        ReplyMatcher.Match(reply, Id, AskedQuestion);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            ReplyMatcher.Match(reply, (ushort)i, AskedQuestion);
            ReplyMatcher.IsWhole(reply);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    // AA, TC, RD, RA, Z, AD, CD and RCODE are the server's to choose, and the counts of records are checked elsewhere.
    private static bool IsFree(int bit) => bit is 21 or 22 or 23 or (>= 24 and < 32) or (>= 48 and < 96);

    private static byte[] Reply() => ReplyTo(AskedQuestion);

    private static byte[] ReplyTo(byte[] question)
    {
        byte[] reply = [.. new byte[DnsHeader.Size], .. question, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1];
        new DnsHeader(Id, DnsHeader.ResponseBit | DnsHeader.RecursionDesiredBit, 1, 1, 0, 0).Write(reply);
        return reply;
    }
}
