using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Protocol;

public class DnsMessageTests
{
    [Fact]
    public void TryRead_OfAnyWrittenMessage_GivesTheMessage() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ProtocolArbitraries.Messages(), message =>
        {
            var octets = DnsMessageWriter.ToArray(message)!;
            Assert.True(DnsMessageReader.TryRead(octets, out var again, out var error), error.ToString());
            MessageAssert.Same(message, again);
        }));

    [Fact]
    public void TryWrite_OfAnyReadMessage_ReadsBackToTheSame() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ProtocolArbitraries.MutatedMessages(), octets =>
        {
            if (DnsMessageReader.TryRead(octets, out var message, out var error))
            {
                Assert.Equal(MessageError.None, error);
                Assert.NotEmpty(message.ToString());
                var written = DnsMessageWriter.ToArray(message);
                Assert.True(DnsMessageReader.TryRead(written, out var again, out error), error.ToString());
                MessageAssert.Same(message, again);
            }
            else
            {
                Assert.NotEqual(MessageError.None, error);
            }
        }));

    public static TheoryData<string, MessageError, byte[]> Refused => new()
    {
        { "nothing", MessageError.TooShort, [] },
        { "eleven octets", MessageError.TooShort, new byte[11] },
        { "65536 octets", MessageError.TooLong, new byte[65536] },
        { "more records than there is room for", MessageError.TooManyRecords, MessageOctets.Header(0x8000, 0, 1).ToArray() },
        { "all records there can be", MessageError.TooManyRecords, MessageOctets.Header(0x8000, 65535, 65535, 65535, 65535).ToArray() },
        { "4097 records", MessageError.TooManyRecords, [.. MessageOctets.Header(0x8000, 0, 4097).ToArray(), .. new byte[11 * 4097]] },
        { "129 records in a query", MessageError.TooManyRecords, [.. MessageOctets.Header(0, 0, 129).ToArray(), .. new byte[11 * 129]] },
        { "a cut question", MessageError.Cut, MessageOctets.Header(0x8000, 1).Name("a").UInt16(1).ToArray() },
        { "a cut record", MessageError.Cut, MessageOctets.Header(0x8000, 0, 1).Name("aaaaaaaaaa").UInt16(1).ToArray() },
        { "cut RDATA", MessageError.Cut, MessageOctets.Header(0x8000, 0, 1).Name("a").UInt16(1, 1, 0, 0, 4).Octets(1, 2, 3).ToArray() },
        { "a name that points forwards", MessageError.BadName, MessageOctets.Header(0x8000, 1).UInt16(0xC00E, 1, 1).ToArray() },
        { "a name that points at itself", MessageError.BadName, MessageOctets.Header(0x8000, 1).UInt16(0xC00C, 1, 1).ToArray() },
        { "an address of three octets", MessageError.BadRdata, MessageOctets.Header(0x8000, 0, 1).Octets(0).Record(1, 1, 0, 1, 2, 3).ToArray() },
        { "an address of five octets", MessageError.BadRdata, MessageOctets.Header(0x8000, 0, 1).Octets(0).Record(1, 1, 0, 1, 2, 3, 4, 5).ToArray() },
        { "a pointer in a DNAME", MessageError.BadRdata, MessageOctets.Header(0x8000, 1, 1).Name("a").UInt16(1, 1).Octets(0).Record(39, 1, 0, 0xC0, 12).ToArray() },
        { "two OPTs", MessageError.BadOpt, MessageOctets.Header(0x8000, 0, additionals: 2).Opt().Opt().ToArray() },
        { "OPT as an answer", MessageError.BadOpt, MessageOctets.Header(0x8000, 0, 1).Opt().ToArray() },
        { "OPT with an owner", MessageError.BadOpt, MessageOctets.Header(0x8000, 0, additionals: 1).Name("a").Record(41, 1232, 0).ToArray() },
        { "33 options", MessageError.BadOpt, MessageOctets.Header(0x8000, 0, additionals: 1).Opt(options: new byte[132]).ToArray() },
        { "a cut option", MessageError.BadOpt, MessageOctets.Header(0x8000, 0, additionals: 1).Opt(options: [0, 1, 0, 9]).ToArray() },
        { "a trailing octet", MessageError.TrailingOctets, MessageOctets.Header(0x8000, 0).Octets(0).ToArray() },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void TryRead_Malformed_SaysWhy(string what, MessageError expected, byte[] octets)
    {
        Assert.NotEmpty(what);
        Assert.False(DnsMessageReader.TryRead(octets, out var message, out var error));
        Assert.Null(message);
        Assert.Equal(expected, error);
    }

    /// <summary>RFC 3597 section 4: names in types of RFC 1035, and in a few that came before the rule, may arrive compressed.</summary>
    [Fact]
    public void TryRead_CompressedRdata_IsExpanded()
    {
        var octets = MessageOctets.Header(0x8000, 1, 2).Name("a").UInt16(1, 1)
            .UInt16(0xC00C).Record(15, 1, 60, 0, 10, 1, 0x62, 0xC0, 12)
            .UInt16(0xC00C).Record(33, 1, 60, 0, 1, 0, 2, 0, 3, 0xC0, 12).ToArray();
        Assert.True(DnsMessageReader.TryRead(octets, out var message));
        Assert.Equal("a.\t60\tIN\tMX\t10 b.a.", message.Answer[0].ToString());
        Assert.Equal("a.\t60\tIN\tSRV\t1 2 3 a.", message.Answer[1].ToString());
    }

    [Fact]
    public void TryRead_EmptyRdataOfAnUpdate_IsTaken()
    {
        var octets = MessageOctets.Header(5 << 11, 1, authorities: 2).Name("a").UInt16(6, 1)
            .Name("b").Record(1, 255, 0).Name("b").Record(1, 254, 0, 192, 0, 2, 1).ToArray();
        Assert.True(DnsMessageReader.TryRead(octets, out var message));
        Assert.Equal(2, message.Authority.Count);
    }

    [Fact]
    public void TryWrite_RepeatedNames_AreCompressed()
    {
        var message = new DnsMessage
        {
            IsResponse = true,
            Questions = [new Question(DomainName.Parse("www.example."), RecordType.A)],
            Answer =
            [
                ResourceRecord.Create("www.example.", 60, RecordType.CNAME, "host.example."),
                ResourceRecord.Create("host.example.", 60, RecordType.A, "192.0.2.1"),
                ResourceRecord.Create("host.example.", 60, RecordType.DNAME, "host.example."),
            ],
        };
        var octets = DnsMessageWriter.ToArray(message)!;
        var expected = MessageOctets.Header(0x8000, 1, 3).Name("www", "example").UInt16(1, 1)
            .UInt16(0xC00C).Record(5, 1, 60, 4, 0x68, 0x6F, 0x73, 0x74, 0xC0, 16)
            .UInt16(0xC000 | 41).Record(1, 1, 60, 192, 0, 2, 1)
            .UInt16(0xC000 | 41).Record(39, 1, 60, [4, .. "host"u8, 7, .. "example"u8, 0]).ToArray();
        expected[0] = expected[1] = 0;
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(octets));
    }

    [Fact]
    public void TryWrite_OtherLetterCase_IsKept()
    {
        var message = new DnsMessage
        {
            Questions = [new Question(DomainName.Parse("example."), RecordType.A)],
            Answer = [ResourceRecord.Create("EXAMPLE.", 60, RecordType.A, "192.0.2.1")],
        };
        Assert.True(DnsMessageReader.TryRead(DnsMessageWriter.ToArray(message), out var again));
        Assert.Equal("EXAMPLE.", again.Answer[0].Name.ToString());
    }

    [Fact]
    public void TryWrite_ExactSize_Fits()
    {
        var message = DnsMessage.Query(DomainName.Parse("www.example."), RecordType.A, 7, new Edns());
        var octets = DnsMessageWriter.ToArray(message)!;
        Assert.True(DnsMessageWriter.TryWrite(message, new byte[octets.Length], out var length) && length == octets.Length);
        for (var size = 0; size < octets.Length; size++)
        {
            Assert.False(DnsMessageWriter.TryWrite(message, new byte[size], out _));
        }
    }

    [Fact]
    public void TryWrite_WhatCannotBeSaid_IsRefused()
    {
        Assert.Null(DnsMessageWriter.ToArray(new DnsMessage { ResponseCode = ResponseCode.BadVers }));
        Assert.NotNull(DnsMessageWriter.ToArray(new DnsMessage { ResponseCode = ResponseCode.BadVers, Edns = new Edns() }));
        var record = ResourceRecord.Create(".", 0, RecordType.A, "192.0.2.1");
        Assert.Null(DnsMessageWriter.ToArray(new DnsMessage { Answer = Enumerable.Repeat(record, 65536).ToList() }));
    }

    /// <summary>RDATA that is not what its type asks for is written as it is; the names inside cannot be found.</summary>
    [Fact]
    public void TryWrite_MalformedRdata_IsWrittenAsItIs()
    {
        var octets = DnsMessageWriter.ToArray(new DnsMessage { Answer = [new(DomainName.Root, RecordType.SOA, RecordClass.IN, 0, new byte[] { 1, 2 })] })!;
        Assert.Equal(12 + 11 + 2, octets.Length);
    }

    [Fact]
    public void TryWrite_Signature_StaysLast()
    {
        var message = new DnsMessage
        {
            Additional = [ResourceRecord.Create("a.", 0, RecordType.A, "192.0.2.1"), new(DomainName.Root, RecordType.TSIG, RecordClass.ANY, 0, default)],
            Edns = new Edns(),
        };
        var octets = DnsMessageWriter.ToArray(message)!;
        Assert.Equal([0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0], octets[^11..]);
    }

    /// <summary>The worst that can be found: the longest names, every one different, each with a chain of pointers.</summary>
    [Fact]
    public void TryRead_WorstMessages_CostLittle()
    {
        foreach (var octets in new[] { ManyLongNames(), ManyEmptyRecords(), ManyOptions() })
        {
            DnsMessageReader.TryRead(octets, out _);
            var before = GC.GetAllocatedBytesForCurrentThread();
            DnsMessageReader.TryRead(octets, out var message, out var error);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(MessageError.None, error);
            Assert.True(allocated <= 32 * 65535, $"{allocated}");
            Assert.NotNull(DnsMessageWriter.ToArray(message!));
        }
    }

    [Fact]
    public void ToString_Message_LooksLikeDig()
    {
        var message = new DnsMessage
        {
            Id = 4711,
            IsResponse = true,
            RecursionDesired = true,
            RecursionAvailable = true,
            ResponseCode = ResponseCode.NXDomain,
            Questions = [new Question(DomainName.Parse("www.example."), RecordType.HTTPS)],
            Authority = [ResourceRecord.Create("example.", 300, RecordType.SOA, "ns. host. 1 2 3 4 5")],
            Edns = new Edns { DnssecOk = true, Options = [new ExtendedError(ExtendedErrorCode.Blocked, "by a list\n").ToOption()] },
        };
        Assert.Equal(
            """
            ;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 4711
            ;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1

            ;; OPT PSEUDOSECTION:
            ; EDNS: version: 0, flags: do; udp: 1232
            ; EDE: 15 (Blocked) "by a list\010"

            ;; QUESTION SECTION:
            ;www.example.	IN	HTTPS

            ;; AUTHORITY SECTION:
            example.	300	IN	SOA	ns. host. 1 2 3 4 5

            """, message.ToString(), ignoreLineEndingDifferences: true);
    }

    private static byte[] ManyLongNames()
    {
        var label = new string('a', 63);
        var message = MessageOctets.Header(0x8000, 1, 4000).Name(label, label, label, new string('b', 59)).UInt16(1, 1);
        for (var i = 0; i < 4000; i++)
        {
            message.Octets(1, (byte)i).UInt16(0xC00C).Record(10, 1, 0);
        }

        return message.ToArray();
    }

    private static byte[] ManyEmptyRecords()
    {
        var message = MessageOctets.Header(0x8000, 0, 4096);
        for (var i = 0; i < 4096; i++)
        {
            message.Octets(0).Record(10, 1, 0);
        }

        return message.ToArray();
    }

    private static byte[] ManyOptions() => MessageOctets.Header(0x8000, 0, additionals: 1).Opt(options: new byte[32 * 4]).ToArray();
}
