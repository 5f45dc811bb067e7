using System.Buffers.Binary;
using System.IO.Compression;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Queries;

public class ResponseScrubberTests
{
    private static readonly TtlLimits Limits = new(0, 86_400, 600);
    private readonly ResponseScrubber _scrubber = new();

    [Fact]
    public void TryScrub_CleanResponse_IsCopiedWithoutAdditionalSection()
    {
        var builder = new ResponseBuilder("www.example", RecordType.A).Address().Address(last: 2)
            .Add(1, "example", RecordType.NS, 900, ResponseBuilder.Name("ns.example"))
            .Add(2, "ns.example", RecordType.A, 900, [192, 0, 2, 9]).Opt();

        var scrubbed = Scrub(builder);

        Assert.Equal(
            ["www.example. A 300 C0000201", "www.example. A 300 C0000202", "example. NS 900 ns.example."], ResponseBuilder.Read(scrubbed.Message));
        Assert.Equal(300u, scrubbed.Lifetime);
        Assert.False(scrubbed.IsNegative);
        Assert.Equal(3, scrubbed.TtlOffsets.Length);
        Assert.Equal(300u, BinaryPrimitives.ReadUInt32BigEndian(scrubbed.Message[scrubbed.TtlOffsets[0]..]));
        Assert.Equal(900u, BinaryPrimitives.ReadUInt32BigEndian(scrubbed.Message[scrubbed.TtlOffsets[2]..]));
    }

    [Fact]
    public void TryScrub_AliasChain_IsKeptToItsEnd()
    {
        var builder = new ResponseBuilder("www.example", RecordType.A)
            .Alias("", "a.cdn.example", 60).Alias("a.cdn.example", "b.cdn.example", 30)
            .Add(0, "a.cdn.example", RecordType.RRSIG, 30, ResponseBuilder.Signature(RecordType.CNAME)).Address("B.cdn.example", 20);

        var scrubbed = Scrub(builder);

        Assert.Equal(4, ResponseBuilder.Read(scrubbed.Message).Count);
        Assert.Equal(20u, scrubbed.Lifetime);
        Assert.False(scrubbed.IsNegative);
    }

    [Fact]
    public void TryScrub_AliasesOutOfOrder_AreFollowed()
    {
        var builder = new ResponseBuilder("www.example", RecordType.A)
            .Address("c.example").Alias("b.example", "c.example").Alias("a.example", "b.example").Alias("www.example", "a.example");

        Assert.Equal(4, ResponseBuilder.Read(Scrub(builder).Message).Count);
    }

    [Fact]
    public void TryScrub_ForeignRecordsInAnswer_AreStripped()
    {
        var builder = new ResponseBuilder("www.example", RecordType.A)
            .Address("bank.example", last: 66).Alias("www.example", "a.example").Alias("www.example", "evil.example")
            .Address("www.example", last: 67).Address("a.example", 300, 1).Add(0, "a.example", RecordType.TXT, 5, [1, 65])
            .Add(0, "a.example", RecordType.A, 1, [1, 2, 3, 4], RecordClass.CH);

        var scrubbed = Scrub(builder);

        Assert.Equal(["www.example. CNAME 300 a.example.", "a.example. A 300 C0000201"], ResponseBuilder.Read(scrubbed.Message));
        Assert.Equal(300u, scrubbed.Lifetime);
    }

    [Fact]
    public void TryScrub_SomethingStripped_RebuildsNamesCompressedAgainstIt()
    {
        // The stripped record's owner is what the alias points to.
        var builder = new ResponseBuilder("www.example", RecordType.A);
        var target = (byte)(DnsHeader.Size + builder.Question.Length);
        builder.Address("cdn.test").AddRaw(0, [0xC0, 12], RecordType.CNAME, 77, [1, (byte)'x', 0xC0, target])
            .AddRaw(0, [1, (byte)'X', 0xC0, target], RecordType.A, 78, [1, 1, 1, 1]);

        var scrubbed = Scrub(builder);

        Assert.Equal(["www.example. CNAME 77 x.cdn.test.", "X.cdn.test. A 78 01010101"], ResponseBuilder.Read(scrubbed.Message));
        foreach (var offset in scrubbed.TtlOffsets)
        {
            Assert.InRange(BinaryPrimitives.ReadUInt32BigEndian(scrubbed.Message[offset..]), 77u, 78u);
        }
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void TryScrub_ChainOfLinks_IsFollowedSixteenTimes(int links, bool isAnswered)
    {
        var builder = new ResponseBuilder("n0.example", RecordType.A);
        for (var i = 0; i < links; i++)
        {
            builder.Alias($"n{i}.example", $"n{i + 1}.example");
        }

        var scrubbed = Scrub(builder.Address($"n{links}.example"));

        Assert.Equal(!isAnswered, scrubbed.IsNegative);
        Assert.Equal(isAnswered ? 300u : 0u, scrubbed.Lifetime);
        Assert.Equal(isAnswered ? 17 : 16, ResponseBuilder.Read(scrubbed.Message).Count);
    }

    [Fact]
    public void TryScrub_AliasLoop_EndsAndIsNotCached()
    {
        var scrubbed = Scrub(new ResponseBuilder("a.example", RecordType.A).Alias("", "b.example").Alias("b.example", "a.example"));

        Assert.Equal(["a.example. CNAME 300 b.example."], ResponseBuilder.Read(scrubbed.Message));
        Assert.Equal(0u, scrubbed.Lifetime);
    }

    [Fact]
    public void TryScrub_Dname_IsKeptWithItsAliasAndSignature()
    {
        var builder = new ResponseBuilder("www.old.example", RecordType.A)
            .Add(0, "old.example", RecordType.DNAME, 300, ResponseBuilder.Name("new.example"))
            .Add(0, "old.example", RecordType.RRSIG, 300, ResponseBuilder.Signature(RecordType.DNAME))
            .Alias("", "www.new.example").Address("www.new.example")
            .Add(0, "other.example", RecordType.DNAME, 1, ResponseBuilder.Name("evil.example"));

        var records = ResponseBuilder.Read(Scrub(builder).Message);

        Assert.Equal(4, records.Count);
        Assert.DoesNotContain(records, r => r.StartsWith("other", StringComparison.Ordinal));
    }

    [Fact]
    public void TryScrub_AuthorityOutOfBailiwick_IsStripped()
    {
        // The MaginotDNS family: NS records for zones that were not asked about.
        var builder = new ResponseBuilder("www.example", RecordType.A).Address()
            .Add(1, "com", RecordType.NS, 1, ResponseBuilder.Name("ns.evil"))
            .Add(1, "sub.www.example", RecordType.NS, 2, ResponseBuilder.Name("ns.evil"))
            .Add(1, "example", RecordType.A, 3, [6, 6, 6, 6])
            .Add(1, "example", RecordType.NS, 900, ResponseBuilder.Name("ns.example"));

        Assert.Equal(["www.example. A 300 C0000201", "example. NS 900 ns.example."], ResponseBuilder.Read(Scrub(builder).Message));
    }

    [Fact]
    public void TryScrub_DenialProof_IsKept()
    {
        var builder = new ResponseBuilder("no.example", RecordType.A, 0x8183)
            .Add(1, "example", RecordType.SOA, 900, ResponseBuilder.Soa(120))
            .Add(1, "example", RecordType.RRSIG, 900, ResponseBuilder.Signature(RecordType.SOA))
            .Add(1, "a.example", RecordType.NSEC, 900, [.. ResponseBuilder.Name("z.example"), 0, 1, 0x40]);

        var scrubbed = Scrub(builder);

        Assert.Equal(3, ResponseBuilder.Read(scrubbed.Message).Count);
        Assert.Equal(120u, scrubbed.Lifetime);
    }

    [Theory]
    [InlineData(900u, 120u, 120u)]
    [InlineData(60u, 120u, 60u)]
    [InlineData(9_000u, 9_000u, 600u)]
    [InlineData(0x8000_0000u, 120u, 0u)]
    public void TryScrub_Negative_LivesByItsSoa(uint ttl, uint minimum, uint lifetime)
    {
        foreach (var flags in (ushort[])[0x8180, 0x8183])
        {
            var scrubbed = Scrub(new ResponseBuilder("no.example", RecordType.A, flags).Add(1, "example", RecordType.SOA, ttl, ResponseBuilder.Soa(minimum)));

            Assert.True(scrubbed.IsNegative);
            Assert.Equal(lifetime, scrubbed.Lifetime);
            Assert.Contains($" SOA {lifetime} ", ResponseBuilder.Read(scrubbed.Message)[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TryScrub_NegativeWithoutSoa_IsNotCached()
    {
        Assert.Equal(0u, Scrub(new ResponseBuilder("no.example", RecordType.A, 0x8183)).Lifetime);
        Assert.Equal(0u, Scrub(new ResponseBuilder("no.example", RecordType.A).Alias("", "b.example")).Lifetime);
        Assert.Equal(0u, Scrub(new ResponseBuilder("no.example", RecordType.A).Add(1, "evil", RecordType.SOA, 60, ResponseBuilder.Soa(60))).Lifetime);
    }

    [Theory]
    [InlineData(300u, 300u)]
    [InlineData(5u, 10u)]
    [InlineData(90_000u, 86_400u)]
    [InlineData(0x8000_0001u, 10u)]
    public void TryScrub_Ttl_IsHeldToTheBounds(uint ttl, uint expected)
    {
        var builder = new ResponseBuilder("www.example", RecordType.A).Address(ttl: ttl);

        Assert.True(_scrubber.TryScrub(builder.Build(), builder.Question, Limits with { Min = 10 }, out var scrubbed));

        Assert.Equal(expected, scrubbed.Lifetime);
        Assert.Equal(expected, BinaryPrimitives.ReadUInt32BigEndian(scrubbed.Message[scrubbed.TtlOffsets[0]..]));
    }

    [Theory]
    [InlineData(0x8182, ResponseCode.ServFail)]
    [InlineData(0x8185, ResponseCode.Refused)]
    public void TryScrub_Failure_IsNotCached(int flags, ResponseCode code)
    {
        var scrubbed = Scrub(new ResponseBuilder("www.example", RecordType.A, (ushort)flags).Address());

        Assert.Equal(code, scrubbed.Code);
        Assert.Equal(0u, scrubbed.Lifetime);
        Assert.False(scrubbed.IsNegative);
    }

    [Fact]
    public void TryScrub_Truncated_KeepsTheQuestionOnly()
    {
        // Cut in the middle of a record, its counts as before.
        var scrubbed = Scrub(new ResponseBuilder("www.example", RecordType.A, 0x8380).Address().Address(), cut: 7);

        Assert.Empty(ResponseBuilder.Read(scrubbed.Message));
        Assert.True((scrubbed.Message[2] & 2) != 0);
        Assert.Equal(0u, scrubbed.Lifetime);
    }

    [Fact]
    public void TryScrub_Opt_IsReadAndLeftOut()
    {
        byte[] options = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 15, 0, 3, 0, 6, 65, 0, 15, 0, 2, 0, 9];

        var scrubbed = Scrub(new ResponseBuilder("www.example", RecordType.A, 0x8180).Opt(1, options));

        Assert.Equal(ResponseCode.BadVers, scrubbed.Code);
        Assert.Equal(ExtendedErrorCode.DnssecBogus, scrubbed.Error);
        Assert.Empty(ResponseBuilder.Read(scrubbed.Message));
        Assert.Equal(ExtendedErrorCode.None, Scrub(new ResponseBuilder("www.example", RecordType.A).Opt(0, 0, 15, 0, 9, 0)).Error);
    }

    [Fact]
    public void TryScrub_Header_LosesAuthorityAndUndefinedBits()
    {
        var scrubbed = Scrub(new ResponseBuilder("www.example", RecordType.A, 0x8570 | 0x0020).Address());

        Assert.Equal(0x81B0, BinaryPrimitives.ReadUInt16BigEndian(scrubbed.Message[2..]));
    }

    [Fact]
    public void TryScrub_Any_KeepsAllTypesOfTheName()
    {
        var builder = new ResponseBuilder("example", RecordType.ANY).Address()
            .Add(0, "", RecordType.TXT, 60, [1, 65]).Add(0, "", RecordType.RRSIG, 60, ResponseBuilder.Signature(RecordType.A)).Address("b.example");

        Assert.Equal(3, ResponseBuilder.Read(Scrub(builder).Message).Count);
    }

    public static TheoryData<string, byte[]> Malformed()
    {
        static ResponseBuilder New() => new("www.example", RecordType.A);
        var end = DnsHeader.Size + New().Question.Length;
        return new()
        {
            { "owner points at itself", New().AddRaw(0, [0xC0, (byte)end], RecordType.A, 1, [1, 2, 3, 4]).Build() },
            { "owner points forward", New().AddRaw(0, [0xC0, (byte)(end + 8)], RecordType.A, 1, [1, 2, 3, 4]).Build() },
            { "owner leads through a TTL", New().Address(ttl: 0x0161_0000).AddRaw(0, [0xC0, (byte)(end + 6)], RecordType.A, 1, [1, 2, 3, 4]).Build() },
            {
                "owner runs on through its own TTL",
                New().Add(0, "", RecordType.TXT, 1, [1, 12]).AddRaw(0, [0xC0, (byte)(end + 13)], RecordType.A, 1, [0, 2, 3, 4]).Build()
            },
            { "label of another kind", New().AddRaw(0, [0x41, 0, 0], RecordType.A, 1, [1, 2, 3, 4]).Build() },
            { "address of three octets", New().Add(0, "", RecordType.A, 1, [1, 2, 3]).Build() },
            { "alias with octets behind it", New().Add(0, "", RecordType.CNAME, 1, [1, 65, 0, 0]).Build() },
            { "alias beyond its data", New().Add(0, "", RecordType.CNAME, 1, [3, 65]).Address().Build() },
            { "SOA cut", New().Add(1, "", RecordType.SOA, 1, [0, 0, 1, 2, 3]).Build() },
            { "two OPTs", New().Opt().Opt().Build() },
            { "OPT among the answers", New().AddRaw(0, [0], RecordType.OPT, 0, []).Build() },
            { "OPT with an owner", New().AddRaw(2, [1, 65, 0], RecordType.OPT, 0, []).Build() },
            { "record cut", New().Address().Build()[..^1] },
            { "another question", new ResponseBuilder("www.example", RecordType.AAAA).Build() },
            { "no question", [0, 1, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0] },
            { "a query", new ResponseBuilder("www.example", RecordType.A, 0x0100).Build() },
        };
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void TryScrub_Malformed_IsRefused(string why, byte[] message)
        => Assert.False(_scrubber.TryScrub(message, new ResponseBuilder("www.example", RecordType.A).Question, Limits, out _), why);

    [Fact]
    public void TryScrub_CleanResponse_AllocatesNothing()
    {
        var builder = new ResponseBuilder("www.example", RecordType.A).Alias("", "a.example").Address("a.example").Address("b.example").Opt();
        var message = builder.Build();
        Assert.True(_scrubber.TryScrub(message, builder.Question, Limits, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            _scrubber.TryScrub(message, builder.Question, Limits, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void TryScrub_ArbitraryOctets_NeverThrows()
    {
        var builder = new ResponseBuilder("www.example", RecordType.A).Alias("", "a.b.example").Address("a.b.example").Address("c.example")
            .Add(0, "", RecordType.NAPTR, 5, [0, 1, 0, 1, 1, 65, 0, 0, .. ResponseBuilder.Name("x.example")])
            .Add(1, "example", RecordType.SOA, 60, ResponseBuilder.Soa(60)).Opt(0, 0, 15, 0, 2, 0, 6);
        var template = builder.Build();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll<byte[], int[]>((noise, places) =>
        {
            // Noise alone behind the question, and the template with octets changed.
            byte[] raw = [.. template.AsSpan(0, DnsHeader.Size + builder.Question.Length), .. noise];
            CheckScrub(raw, builder.Question);
            var changed = template.ToArray();
            foreach (var place in places)
            {
                var at = DnsHeader.Size + (int)((uint)place % (uint)(changed.Length - DnsHeader.Size));
                changed[at] = (byte)(place >> 8);
            }

            CheckScrub(changed, builder.Question);
        }));
    }

    [Fact]
    public void TryScrub_RealResponses_AreScrubbedOrRefusedAndParseAgain()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var scrubbed = 0;
        var total = 0;
        foreach (var file in (string[])["root-server-2016-10-06-1355-responses.dnsstream.gz", "captured-messages.dnsstream.gz"])
        {
            using var stream = new GZipStream(File.OpenRead(Path.Combine(folder, "wire", file)), CompressionMode.Decompress);
            var prefix = new byte[2];
            while (stream.ReadAtLeast(prefix, 2, throwOnEndOfStream: false) == 2)
            {
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                stream.ReadExactly(message);
                var length = message.Length > DnsHeader.Size ? WireName.Measure(message, DnsHeader.Size) : -1;
                if (length > 0 && DnsHeader.Size + length + 4 <= message.Length && (message[2] & 0x80) != 0)
                {
                    total++;
                    scrubbed += CheckScrub(message, message.AsSpan(DnsHeader.Size, length + 4)) ? 1 : 0;
                }
            }
        }

        Assert.True(scrubbed > total * 9 / 10, $"{scrubbed} of {total}");
    }

    private bool CheckScrub(byte[] message, ReadOnlySpan<byte> question)
    {
        if (!_scrubber.TryScrub(message, question, Limits, out var scrubbed))
        {
            return false;
        }

        var records = ResponseBuilder.Read(scrubbed.Message);
        Assert.Equal(scrubbed.TtlOffsets.Length, records.Count);
        Assert.InRange(scrubbed.Lifetime, 0u, 86_400u);
        for (var i = 0; i < records.Count; i++)
        {
            Assert.Equal(records[i].Split(' ')[^2], $"{BinaryPrimitives.ReadUInt32BigEndian(scrubbed.Message[scrubbed.TtlOffsets[i]..])}");
        }

        return true;
    }

    private ScrubbedResponse Scrub(ResponseBuilder builder, int cut = 0)
    {
        Assert.True(_scrubber.TryScrub(builder.Build().AsSpan()[..^cut], builder.Question, Limits, out var scrubbed));
        return scrubbed;
    }
}
