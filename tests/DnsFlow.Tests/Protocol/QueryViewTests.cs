using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Protocol;

public class QueryViewTests
{
    [Fact]
    public void TryParse_PlainQuery_GivesItsParts()
    {
        var message = MessageOctets.Query().ToArray();
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(message, out var view));
        Assert.Equal(0x1234, view.Header.Id);
        Assert.True(view.Header.RecursionDesired);
        Assert.Equal(RecordType.A, view.Type);
        Assert.Equal(RecordClass.IN, view.Class);
        Assert.Equal("03777777076578616D706C6500", Convert.ToHexString(view.Name(message)));
        Assert.Equal(message.Length, view.QuestionEnd);
        Assert.Equal(message[12..], view.Question(message).ToArray());
        Assert.False(view.HasEdns);
        Assert.Equal(512, view.UdpPayloadSize);
    }

    [Fact]
    public void TryParse_Opt_GivesItsFields()
    {
        var message = MessageOctets.Query(1).Opt(4096, 0x00008000, 0, 10, 0, 2, 1, 2).ToArray();
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(message, out var view));
        Assert.True(view.HasEdns);
        Assert.True(view.DnssecOk);
        Assert.Equal(4096, view.UdpPayloadSize);
        Assert.Equal(0, view.EdnsVersion);
        Assert.Equal([0, 10, 0, 2, 1, 2], view.Options(message).ToArray());
    }

    [Fact]
    public void TryParse_SmallUdpSize_CountsAs512()
    {
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(MessageOctets.Query(1).Opt(100).ToArray(), out var view));
        Assert.Equal(512, view.UdpPayloadSize);
    }

    public static TheoryData<string, QueryStatus, byte[]> Refused => new()
    {
        { "nothing", QueryStatus.TooShort, [] },
        { "eleven octets", QueryStatus.TooShort, new byte[11] },
        { "a response", QueryStatus.NotAQuery, MessageOctets.Query(flags: 0x8100).ToArray() },
        { "a response that is malformed", QueryStatus.NotAQuery, MessageOctets.Header(0x8000, 9).ToArray() },
        { "NOTIFY", QueryStatus.NotImplemented, MessageOctets.Query(flags: 4 << 11).ToArray() },
        { "UPDATE", QueryStatus.NotImplemented, MessageOctets.Query(flags: 5 << 11).ToArray() },
        { "no question", QueryStatus.FormatError, MessageOctets.Header(0, 0).ToArray() },
        { "two questions", QueryStatus.FormatError, MessageOctets.Header(0, 2).Name("a").UInt16(1, 1).Name("b").UInt16(1, 1).ToArray() },
        { "no name", QueryStatus.FormatError, MessageOctets.Header(0, 1).ToArray() },
        { "a name that is cut", QueryStatus.FormatError, MessageOctets.Header(0, 1).Octets(3, 0x77).ToArray() },
        { "no type", QueryStatus.FormatError, MessageOctets.Header(0, 1).Name("a").ToArray() },
        { "half a class", QueryStatus.FormatError, MessageOctets.Header(0, 1).Name("a").Octets(0, 1, 0).ToArray() },
        { "a pointer as QNAME", QueryStatus.FormatError, MessageOctets.Header(0, 1).UInt16(0xC00C, 1, 1).ToArray() },
        { "a pointer in QNAME", QueryStatus.FormatError, MessageOctets.Header(0, 1).Octets(1, 0x61).UInt16(0xC000, 1, 1).ToArray() },
        { "a label of another kind", QueryStatus.FormatError, MessageOctets.Header(0, 1).Octets(0x41, 0x61, 0).UInt16(1, 1).ToArray() },
        { "a name of 256 octets", QueryStatus.FormatError, MessageOctets.Header(0, 1).Name([.. Enumerable.Repeat(new string('a', 63), 3), new string('a', 62)]).UInt16(1, 1).ToArray() },
        { "a trailing octet", QueryStatus.FormatError, MessageOctets.Query().Octets(0).ToArray() },
        { "a record that is not there", QueryStatus.FormatError, MessageOctets.Query(1).ToArray() },
        { "a record that is cut", QueryStatus.FormatError, MessageOctets.Query(1).Octets(0, 0, 1, 0, 1, 0, 0, 0, 0, 0).ToArray() },
        { "RDATA that is cut", QueryStatus.FormatError, MessageOctets.Query(1).Octets(0).UInt16(1, 1, 0, 0, 4).Octets(1, 2, 3).ToArray() },
        { "two OPTs", QueryStatus.FormatError, MessageOctets.Query(2).Opt().Opt().ToArray() },
        { "OPT in the answer section", QueryStatus.FormatError, MessageOctets.Header(0, 1, answers: 1).Name("a").UInt16(1, 1).Opt().ToArray() },
        { "OPT in the authority section", QueryStatus.FormatError, MessageOctets.Header(0, 1, authorities: 1).Name("a").UInt16(1, 1).Opt().ToArray() },
        { "OPT with an owner", QueryStatus.FormatError, MessageOctets.Query(1).Name("a").Record(41, 1232, 0).ToArray() },
        { "an option that is cut", QueryStatus.FormatError, MessageOctets.Query(1).Opt(options: [0, 10, 0, 2, 1]).ToArray() },
        { "half an option's head", QueryStatus.FormatError, MessageOctets.Query(1).Opt(options: [0, 10, 0]).ToArray() },
        { "33 options", QueryStatus.FormatError, MessageOctets.Query(1).Opt(options: new byte[33 * 4]).ToArray() },
        { "129 records", QueryStatus.FormatError, ManyRecords(129) },
        { "an owner that points forwards", QueryStatus.FormatError, MessageOctets.Query(1).UInt16(0xFFFF).Record(1, 1, 0, 1, 2, 3, 4).ToArray() },
        { "an owner that points at itself", QueryStatus.FormatError, MessageOctets.Query(1).UInt16(0xC000 | 29).Record(1, 1, 0, 1, 2, 3, 4).ToArray() },
        { "RDATA that is malformed", QueryStatus.FormatError, MessageOctets.Query(1).UInt16(0xC00C).Record(1, 1, 0, 1, 2, 3).ToArray() },
        { "EDNS version 1", QueryStatus.BadVersion, MessageOctets.Query(1).Opt(ttl: 0x00010000).ToArray() },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void TryParse_MalformedQuery_IsRefused(string what, QueryStatus expected, byte[] message)
    {
        Assert.NotEmpty(what);
        Assert.Equal(expected, QueryView.TryParse(message, out _));
    }

    [Fact]
    public void TryParse_AtTheLimits_IsTaken()
    {
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(MessageOctets.Query(1).Opt(options: new byte[32 * 4]).ToArray(), out _));
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(ManyRecords(128), out _));
        var longest = MessageOctets.Header(0, 1).Name([.. Enumerable.Repeat(new string('a', 63), 3), new string('a', 61)]).UInt16(1, 1).ToArray();
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(longest, out var view));
        Assert.Equal(255, view.NameLength);
    }

    /// <summary>What can be read of a malformed query is there for the error response.</summary>
    [Fact]
    public void TryParse_MalformedBehindTheQuestion_KeepsTheQuestion()
    {
        var message = MessageOctets.Query().Octets(0).ToArray();
        QueryView.TryParse(message, out var view);
        Assert.Equal(13, view.NameLength);
        Assert.Equal(RecordType.A, view.Type);
    }

    [Fact]
    public void TryParse_AnyOctets_NeverThrowsAndAllocatesNothing()
    {
        QueryView.TryParse(MessageOctets.Query(1).Opt().ToArray(), out _);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ProtocolArbitraries.MutatedMessages(), octets =>
        {
            QueryView.TryParse(octets, out _);      // what is made once for the process (tables by type) is made now
            var before = GC.GetAllocatedBytesForCurrentThread();
            var status = QueryView.TryParse(octets, out var view);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return allocated == 0 && view.QuestionEnd <= Math.Max(octets.Length, DnsHeader.Size)
                && view.OptionsOffset + view.OptionsLength <= octets.Length
                && (status is QueryStatus.Ok) == (view.NameLength > 0 && status is not (QueryStatus.FormatError or QueryStatus.BadVersion));
        }));
    }

    /// <summary>The view and the full reader agree on what a well-formed query is.</summary>
    [Fact]
    public void TryParse_AnyQuery_AgreesWithTheFullReader() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ProtocolArbitraries.MutatedMessages(), octets =>
        {
            var query = octets.ToArray();
            if (query.Length >= 4)
            {
                (query[2], query[3]) = (1, 0);      // QUERY, not a response
            }

            var status = QueryView.TryParse(query, out var view);
            var read = DnsMessageReader.TryRead(query, out var message, out var error);
            if (status is QueryStatus.Ok or QueryStatus.BadVersion)
            {
                Assert.True(read, error.ToString());
                Assert.Equal(Convert.ToHexString(message!.Questions[0].Name.Wire), Convert.ToHexString(view.Name(query)));
                Assert.Equal((message.Questions[0].Type, message.Questions[0].Class), (view.Type, view.Class));
                Assert.Equal((message.Edns is not null, Math.Max((ushort)512, message.Edns?.UdpPayloadSize ?? 0)), (view.HasEdns, view.UdpPayloadSize));
            }
            else
            {
                Assert.False(read && message!.Questions.Count == 1, status.ToString());
            }
        }));

    private static byte[] ManyRecords(int count)
    {
        var message = MessageOctets.Query(count);
        for (var i = 0; i < count; i++)
        {
            message.Octets(0).Record(1, 1, 0, 1, 2, 3, 4);
        }

        return message.ToArray();
    }
}
