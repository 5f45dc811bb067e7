using System.Globalization;
using System.Text;
using DnsFlow.Protocol;
using DnsFlow.Zones;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Zones;

public class ZoneFileReaderTests
{
    [Fact]
    public void Read_ExampleOfRfc1035_ReadsEveryRecord()
    {
        // RFC 1035 section 5.3.
        const string Text = """
            @   IN  SOA     VENERA      Action\.domains (
                                             20     ; SERIAL
                                             7200   ; REFRESH
                                             600    ; RETRY
                                             3600000; EXPIRE
                                             60)    ; MINIMUM

                NS      A.ISI.EDU.
                NS      VENERA
                NS      VAXA
                MX      10      VENERA
                MX      20      VAXA

            A       A       26.3.0.103

            VENERA  A       10.1.0.52
                    A       128.9.0.32

            VAXA    A       10.2.0.27
                    A       128.9.0.33
            """;

        Assert.Equal(
            [
                @"isi.edu. 60 SOA VENERA.ISI.EDU. Action\.domains.ISI.EDU. 20 7200 600 3600000 60",
                "isi.edu. 60 NS A.ISI.EDU.", "isi.edu. 60 NS VENERA.ISI.EDU.", "isi.edu. 60 NS VAXA.ISI.EDU.",
                "isi.edu. 60 MX 10 VENERA.ISI.EDU.", "isi.edu. 60 MX 20 VAXA.ISI.EDU.",
                "a.isi.edu. 60 A 26.3.0.103",
                "venera.isi.edu. 60 A 10.1.0.52", "venera.isi.edu. 60 A 128.9.0.32",
                "vaxa.isi.edu. 60 A 10.2.0.27", "vaxa.isi.edu. 60 A 128.9.0.33",
            ],
            Read(Text, "ISI.EDU."));
    }

    [Theory]
    [InlineData("a 60 IN A 192.0.2.1", "a.example. 60 A 192.0.2.1")]
    [InlineData("a IN 60 A 192.0.2.1", "a.example. 60 A 192.0.2.1")]
    [InlineData("a 1h30m A 192.0.2.1", "a.example. 5400 A 192.0.2.1")]
    [InlineData("a 1W2D A 192.0.2.1", "a.example. 777600 A 192.0.2.1")]
    [InlineData("$TTL 2m\na CLASS1 A 192.0.2.1", "a.example. 120 A 192.0.2.1")]
    [InlineData("$TTL 2m\na 9 A 192.0.2.1\nb A 192.0.2.2", "a.example. 9 A 192.0.2.1|b.example. 120 A 192.0.2.2")]
    [InlineData("a 9 A 192.0.2.1\nb A 192.0.2.2", "a.example. 9 A 192.0.2.1|b.example. 9 A 192.0.2.2")]
    [InlineData("a 9 A 192.0.2.1\n\tA 192.0.2.2", "a.example. 9 A 192.0.2.1|a.example. 9 A 192.0.2.2")]
    [InlineData("a 9 A 192.0.2.1\n ; no record\n\n\n\tA 192.0.2.2", "a.example. 9 A 192.0.2.1|a.example. 9 A 192.0.2.2")]
    [InlineData("@ 9 A 192.0.2.1", "example. 9 A 192.0.2.1")]
    [InlineData("$ORIGIN sub\na 9 CNAME @", "a.sub.example. 9 CNAME sub.example.")]
    [InlineData("$origin other.\na 9 CNAME b", "a.other. 9 CNAME b.other.")]
    [InlineData(". 9 NS a.", ". 9 NS a.")]
    [InlineData("a 9 TXT ( one\n  \"t w;o\" ; comment )\n three )\nb 9 A 192.0.2.1", "a.example. 9 TXT \"one\" \"t w;o\" \"three\"|b.example. 9 A 192.0.2.1")]
    [InlineData("a ( 9\n A ) 192.0.2.1", "a.example. 9 A 192.0.2.1")]
    [InlineData("a 9 TXT \"a\\\"b\" \"\" c\\;d", "a.example. 9 TXT \"a\\\"b\" \"\" \"c;d\"")]
    [InlineData("a 9 TXT \"x\"\"y\"", "a.example. 9 TXT \"x\" \"y\"")]
    [InlineData("a\\.b 9 A 192.0.2.1", "a\\.b.example. 9 A 192.0.2.1")]
    [InlineData("\\097\\098 9 A 192.0.2.1", "ab.example. 9 A 192.0.2.1")]
    [InlineData("\\$x 9 A 192.0.2.1", "\\$x.example. 9 A 192.0.2.1")]
    [InlineData("a 9 TYPE1 192.0.2.1", "a.example. 9 A 192.0.2.1")]
    [InlineData("a 9 A \\# 4 C0000201", "a.example. 9 A 192.0.2.1")]
    [InlineData("a 9 TYPE731 \\# 3 abcdef", "a.example. 9 TYPE731 \\# 3 ABCDEF")]
    [InlineData("a 9 HTTPS 1 . alpn=\"h2,h3\" port=8443", "a.example. 9 HTTPS 1 . alpn=\"h2,h3\" port=8443")]
    [InlineData("a 9 A 192.0.2.1\r\nb 9 A 192.0.2.2\r\n", "a.example. 9 A 192.0.2.1|b.example. 9 A 192.0.2.2")]
    [InlineData("\uFEFFa 9 A 192.0.2.1", "a.example. 9 A 192.0.2.1")]
    [InlineData("a 9 TXT \"é\"", "a.example. 9 TXT \"\\195\\169\"")]
    [InlineData("a 9 A 192.0.2.1 ; no line feed at the end", "a.example. 9 A 192.0.2.1")]
    [InlineData("A 9 A 192.0.2.1", "a.example. 9 A 192.0.2.1")]
    [InlineData("in 9 IN A 192.0.2.1", "in.example. 9 A 192.0.2.1")]
    public void Read_Entries_AreRecords(string text, string records) =>
        Assert.Equal(records.Split('|').Select(Folded), Read(text, "example.").Select(Folded));

    [Theory]
    [InlineData("a 9 A 192.0.2.256", 1, "A: ")]
    [InlineData("\n\na 9 A", 3, "A: ")]
    [InlineData("a 9 A 192.0.2.1 x", 1, "A: ")]
    [InlineData("a 9 NOPE 1", 1, "unknown type 'NOPE'; allowed are")]
    [InlineData("a 9 AXFR x", 1, "type AXFR cannot stand in a zone")]
    [InlineData("a 9 CH A 1", 1, "class CH: only IN is served")]
    [InlineData("a 9", 1, "no type and no data")]
    [InlineData("a 2147483648 A 192.0.2.1", 1, "'2147483648' is not a TTL; allowed are")]
    [InlineData("a 1y A 192.0.2.1", 1, "'1y' is not a TTL; allowed are")]
    [InlineData("$TTL soon", 1, "'soon' is not a TTL; allowed are")]
    [InlineData("$TTL", 1, "$TTL needs one time")]
    [InlineData("$ORIGIN", 1, "$ORIGIN needs one name")]
    [InlineData("$ORIGIN a..b", 1, "'a..b': a name has an empty label")]
    [InlineData("$NONSENSE x", 1, "unknown directive '$NONSENSE'; allowed are $ORIGIN, $TTL, $INCLUDE and $GENERATE")]
    [InlineData("$GENERATE 1-2", 1, "$GENERATE needs a range and a record")]
    [InlineData("$GENERATE 9--10 h$ 9 A 192.0.2.$", 1, "'9--10' is not a range; it is start-stop or start-stop/step")]
    [InlineData("$GENERATE 5-4 h$ 9 A 192.0.2.$", 1, "'5-4' is not a range")]
    [InlineData("$GENERATE 1-4/0 h$ 9 A 192.0.2.$", 1, "'1-4/0' is not a range")]
    [InlineData("$GENERATE 0-2000000000 h$ 9 A 192.0.2.1", 1, "makes 2,000,000,001 records; at most 1,000,000 are allowed")]
    [InlineData("$GENERATE 1-2 h${0,2,z} 9 A 192.0.2.1", 1, "'${0,2,z}' is not a modifier; it is ${offset}, ${offset,width} or ${offset,width,base}")]
    [InlineData("$GENERATE 1-2 h${0 9 A 192.0.2.1", 1, "'${0' is not a modifier")]
    [InlineData("$GENERATE 1-2 h${2147483647} 9 A 192.0.2.1", 1, "is not a modifier")]
    [InlineData("$GENERATE 255-256 h$ 9 A 192.0.2.$", 1, "192.0.2.256")]
    [InlineData("$GENERATE 1-2 h$ 9 TKEY x", 1, "type TKEY cannot stand in a zone")]
    [InlineData("$INCLUDE x", 1, "$INCLUDE is not allowed here")]
    [InlineData("  9 A 192.0.2.1", 1, "begins with white space")]
    [InlineData("a A 192.0.2.1", 1, "no TTL and none came before")]
    [InlineData("\"a\" 9 A 192.0.2.1", 1, "the owner is in quotes")]
    [InlineData("a 9 TXT \"open\nb 9 A 192.0.2.1", 1, "not closed")]
    [InlineData("a 9 TXT ( open\n\n", 1, "'(' is never closed")]
    [InlineData("\na 9 TXT ) x", 2, "')' without a '('")]
    [InlineData("a 9 TXT ( ( x ) )", 1, "cannot be nested")]
    [InlineData("a 9 TXT x\\", 1, "'\\' at the end of the line")]
    [InlineData("a\0b 9 A 192.0.2.1", 1, "NUL")]
    [InlineData("a 9 A 192.0.2.1\rb 9 A 192.0.2.1", 1, "carriage return")]
    [InlineData("a\\300 9 A 192.0.2.1", 1, "owner 'a\\300': ")]
    [InlineData("a 9 TXT ( x\n y\n \"z )", 3, "not closed")]
    [InlineData("\na 9 MX ( 10\n b..c )", 2, "MX: ")]
    public void Read_BrokenEntry_TellsLineAndWhatIsAllowed(string text, int line, string message)
    {
        var errors = new ZoneErrors();
        new ZoneFileReader(null, errors).Read("z", Encoding.UTF8.GetBytes(text), DomainName.Parse("example."));

        var error = errors.Items[0];
        Assert.Equal(line, error.Line);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"z:{line}: "), error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralErrors_TellsThemAllAndOnceEach()
    {
        var errors = new ZoneErrors();
        const string Text = "$TTL 9\na A 1\nb..c A 192.0.2.1\n  A 192.0.2.2\nc NOPE x\nd TXT \"\ne A 192.0.2.1\nf A 192.0.2.1 )\n";

        var reader = new ZoneFileReader(null, errors);
        reader.Read("z", Encoding.UTF8.GetBytes(Text), DomainName.Root);

        Assert.Equal([2, 3, 5, 6, 8], errors.Items.Select(error => error.Line));
        Assert.Equal("e.", Assert.Single(reader.Records.Select(record => Name(record.Owner))));
    }

    [Fact]
    public void Read_ManyErrors_StopsAtTheBound()
    {
        var errors = new ZoneErrors();
        new ZoneFileReader(null, errors).Read("z", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a 9 A 1\n", 1000))), DomainName.Root);

        Assert.Equal(ZoneErrors.Max, errors.Items.Count);
    }

    [Fact]
    public void Read_LineBeyondTheBound_IsRefused()
    {
        var errors = new ZoneErrors();
        var text = "\n; " + new string('x', ZoneFileContent.MaxLineBytes) + "\n";
        new ZoneFileReader(null, errors).Read("z", Encoding.UTF8.GetBytes(text), DomainName.Root);

        Assert.Equal("z:2: the line is longer than 64 KiB, the most that is read", Assert.Single(errors.Items).ToString());
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Read_Utf16_IsRefusedByName(string encoding)
    {
        var errors = new ZoneErrors();
        var coding = Encoding.GetEncoding(encoding);
        new ZoneFileReader(null, errors).Read("z", (byte[])[.. coding.Preamble, .. coding.GetBytes("a 9 A 192.0.2.1\n")], DomainName.Root);

        Assert.Contains("UTF-16", Assert.Single(errors.Items).Message, StringComparison.Ordinal);
    }

    [Theory]
    // What named-compilezone makes of the same lines.
    [InlineData("$GENERATE 10-12/2 h$ 9 A 192.0.2.$", "h10. 9 A 192.0.2.10", "h12. 9 A 192.0.2.12")]
    [InlineData("$GENERATE 19-28/2147483645 $ 9 CNAME x", "19. 9 CNAME x.")]
    [InlineData("$GENERATE 1024-1024 a.${0,1,n} 9 A 192.0.2.1", "a.0.0.4. 9 A 192.0.2.1")]
    [InlineData("$GENERATE 10-10 c.${0,2,n}x 9 A 192.0.2.1", "c.a.x. 9 A 192.0.2.1")]
    [InlineData("$GENERATE 10-10 d.${0,4,n}x 9 A 192.0.2.1", "d.a.0.x. 9 A 192.0.2.1")]
    [InlineData("$GENERATE 10-10 e.${0,3,n}.x 9 AAAA 2001:db8::${0,4,X}", "e.a.0.x. 9 AAAA 2001:db8::a")]
    [InlineData("$GENERATE 10-10 f${-20} 9 A 192.0.2.1", "f-10. 9 A 192.0.2.1")]
    [InlineData("$GENERATE 10-10 f${-20,6,d} 9 A 192.0.2.1", "f-00010. 9 A 192.0.2.1")]
    [InlineData("$GENERATE 10-10 f${-20,6,o} 9 A 192.0.2.1", "f37777777766. 9 A 192.0.2.1")]
    [InlineData("$GENERATE 1024-1024 ${-2000,0,n} 9 A 192.0.2.1", "0.3.c.f.f.f.f.f. 9 A 192.0.2.1")]
    [InlineData("$GENERATE 10-10 g$$a\\$b 300 IN MX \"10 foo$\"", "g\\$a\\$b. 300 MX 10 foo10.")]
    [InlineData("$GENERATE 10-10 h 9 TXT \"a b$\"", "h. 9 TXT \"a\" \"b10\"")]
    [InlineData("$GENERATE 10-10 h 9 TXT \"a $\" \"b $\"", "h. 9 TXT \"a 10\" \"b 10\"")]
    public void Read_Generate_MakesARecordForEachNumber(string text, params string[] records) => Assert.Equal(records, Read(text, "."));

    [Fact]
    public void Read_AnyOctets_NeverThrows()
    {
        var pieces = Gen.Elements(
            "$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE", "1-3", "0-9/4", "${0,9,n}", "$", "${", "a", "@", ".", " ", "\t", "\n", "\r\n", "(", ")", "\"", "\\", ";", "1h", "IN", "CH", "A", "192.0.2.1",
            "TXT", "\\#", "4", "SOA", "HTTPS", "alpn=\"", "\\300", "\0", "é", "x..y", "TYPE65535", "CLASS9", "99999999999");
        var text = Gen.OneOf(
            pieces.ArrayOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts))),
            ArbMap.Default.GeneratorFor<byte[]>());
        var property = Prop.ForAll(text.ToArbitrary(), octets =>
        {
            var errors = new ZoneErrors();
            ZoneFile.Read("z", octets, null, null, 7, errors)?.Build(errors, "z");
            return errors.Items.Count <= ZoneErrors.Max && errors.Items.All(error => error.Message.Length < 1000);
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), property);
    }

    [Fact]
    public void Read_PrintedRecords_ReadsThemBack()
    {
        var label = ArbMap.Default.GeneratorFor<byte>().NonEmptyListOf().Select(octets => octets.Take(20).ToArray());
        var owner = label.ListOf().Select(labels => labels.Take(5).SelectMany(l => l.Prepend((byte)l.Length)).Append((byte)0).ToArray());
        var data = ArbMap.Default.GeneratorFor<byte[]>();
        var record =
            from name in owner
            from octets in data
            from ttl in Gen.Choose(0, int.MaxValue)
            from type in Gen.Elements((RecordType)65_280, (RecordType)731)
            select (name, octets, ttl, type);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(record.ToArbitrary(), r =>
        {
            var lowered = new byte[r.name.Length];
            WireName.ToLower(r.name, lowered);
            var text = $"{Name(r.name)} {r.ttl} IN {r.type.ToText()} {RdataText.ToText(r.type, RecordClass.IN, r.octets)}";
            var errors = new ZoneErrors();
            var reader = new ZoneFileReader(null, errors);
            reader.Read("z", Encoding.ASCII.GetBytes(text), DomainName.Root);
            return !errors.Any && reader.Records is [var read] && read.Owner.SequenceEqual(lowered) && read.Ttl == r.ttl
                && read.Type == r.type && read.Data.SequenceEqual(r.octets);
        }));
    }

    private static IEnumerable<string> Read(string text, string origin)
    {
        var errors = new ZoneErrors();
        var reader = new ZoneFileReader(null, errors);
        reader.Read("z", Encoding.UTF8.GetBytes(text), DomainName.Parse(origin));
        Assert.Empty(errors.Items);
        return reader.Records.Select(record => string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(record.Owner)} {record.Ttl} {record.Type.ToText()} {RdataText.ToText(record.Type, RecordClass.IN, record.Data)}"));
    }

    private static string Folded(string text) => text.Replace("alpn=\"h2,h3\"", "alpn=h2,h3", StringComparison.Ordinal).ToUpperInvariant();

    private static string Name(byte[] wire) => DomainName.TryFromWire(wire, out var name) ? name.ToString() : "?";
}
