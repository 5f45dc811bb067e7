using System.Text;
using DnsFlow.Protocol;
using DnsFlow.Zones;
using DnsFlow.Zones.Transfer;

namespace DnsFlow.Tests.Zones.Transfer;

public class TransferSinkTests
{
    private const string Soa1 = "@ SOA ns h 1 3600 600 86400 60", Soa2 = "@ SOA ns h 2 3600 600 86400 60", Soa3 = "@ SOA ns h 3 3600 600 86400 60";

    [Fact]
    public void Add_WholeZone_IsEverythingBetweenTheTwoSoas()
    {
        var sink = Feed(null, Soa1, "a A 192.0.2.1", "b A 192.0.2.2", Soa1);

        Assert.True(sink.IsComplete);
        Assert.False(sink.IsIncremental);
        Assert.Equal(["SOA", "A", "A"], sink.Result.Select(record => record.Type.ToText()));
    }

    [Fact]
    public void Add_Increments_AreAppliedInOrder()
    {
        // RFC 1995 section 7: from version 1 over 2 to 3.
        var sink = Feed(
            [Soa1, "a A 192.0.2.1", "b A 192.0.2.2"],
            Soa3, Soa1, "a A 192.0.2.1", Soa2, "c A 192.0.2.3", Soa2, "b A 192.0.2.2", Soa3, "d A 192.0.2.4", Soa3);

        Assert.True(sink.IsComplete);
        Assert.True(sink.IsIncremental);
        Assert.Equal(3U, ZoneTimers.Of(sink.Result[0].Data).Serial);
        Assert.Equal(["c.example.", "d.example."], sink.Result.Skip(1).Select(record => NameText.Print(record.Owner)).Order());
    }

    [Fact]
    public void Add_WholeZoneInAnswerToIxfr_IsTakenAsWhole()
    {
        var sink = Feed([Soa1, "a A 192.0.2.1"], Soa3, "b A 192.0.2.2", Soa3);

        Assert.True(sink.IsComplete);
        Assert.False(sink.IsIncremental);
        Assert.Equal(["example.", "b.example."], sink.Result.Select(record => NameText.Print(record.Owner)));
    }

    [Theory]
    [InlineData("a A 192.0.2.1")]                                              // no SOA first
    [InlineData(Soa3, Soa2, "a A 192.0.2.1", Soa3, Soa3)]                       // begins with a version that we do not have
    [InlineData(Soa3, Soa1, "x A 192.0.2.9", Soa3, Soa3)]                       // takes away what is not there
    public void Add_IncrementThatDoesNotFit_LetsTheWholeZoneBeAsked(params string[] records)
    {
        var exception = Assert.Throws<TransferException>(() => Feed([Soa1, "a A 192.0.2.1"], records));
        Assert.True(exception.IsOfIncrement);
    }

    [Fact]
    public void Add_TooManyRecords_Ends() =>
        Assert.StartsWith(
            "the zone has more than 2 records",
            Assert.Throws<TransferException>(() => Feed(null, 2, Soa1, "a A 192.0.2.1", "b A 192.0.2.2", Soa1)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(2U, 1U, true)]
    [InlineData(1U, 2U, false)]
    [InlineData(1U, 1U, false)]
    [InlineData(0U, 4_294_967_295U, true)]                                      // RFC 1982: round in a circle
    [InlineData(0x8000_0001U, 1U, false)]
    public void IsNewer_Serials_GoRoundInACircle(uint serial, uint than, bool isNewer) => Assert.Equal(isNewer, SerialNumber.IsNewer(serial, than));

    private static TransferSink Feed(string[]? current, params string[] records) => Feed(current, 100, records);

    private static TransferSink Feed(string[]? current, int most, params string[] records)
    {
        var settings = new SecondarySettings
        {
            Name = "z", Apex = [.. DomainName.Parse("example.").Wire], Primaries = [], CopyPath = "", MaxRecords = most, MaxBytes = 1000,
        };
        var sink = new TransferSink(settings, current is null ? null : Read(current));
        foreach (var record in Read(records))
        {
            sink.Add(record);
        }

        return sink;
    }

    private static List<ZoneRecord> Read(string[] records)
    {
        var errors = new ZoneErrors();
        var reader = new ZoneFileReader(null, errors);
        reader.Read("z", Encoding.ASCII.GetBytes("$TTL 60\n" + string.Join('\n', records)), DomainName.Parse("example."));
        Assert.Empty(errors.Items);
        return reader.Records;
    }
}
