using System.Net;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Clients;

public sealed class ClientSetTests
{
    [Theory]
    [InlineData("192.168.1.40-192.168.1.49", "192.168.1.40", true)]
    [InlineData("192.168.1.40-192.168.1.49", "192.168.1.49", true)]
    [InlineData("192.168.1.40-192.168.1.49", "192.168.1.50", false)]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("fd00::/8", "fdff::1", true)]
    [InlineData("fd00::/8", "fe80::1", false)]
    [InlineData("fe80::1-fe80::ff", "fe80::80", true)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "192.0.2.1", false)]
    [InlineData("0.0.0.0/0", "192.0.2.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("255.255.255.255", "255.255.255.255", true)]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)]
    public void Contains_Address_IsInTheRange(string range, string address, bool expected) =>
        Assert.Equal(expected, new ClientSet([Range(range)], []).Contains(Endpoint(address)));

    [Fact]
    public void Ranges_Overlapping_AreMerged()
    {
        var set = new ClientSet([Range("10.0.0.0/8"), Range("10.1.0.0/16"), Range("9.0.0.1-10.0.0.9")], []);
        Assert.Equal([Range("9.0.0.1-10.255.255.255")], set.Ranges);
    }

    [Theory]
    [InlineData("192.168.1.49-192.168.1.40", "the range ends before it begins")]
    [InlineData("192.168.1.1-::1", "the ends of the range are of two families")]
    [InlineData("192.168.1.1/24", "bits are set behind the prefix, or it is no address")]
    [InlineData("10.1", "it is no address, network or range")]
    public void TryParse_Wrong_SaysWhy(string text, string reason)
    {
        Assert.False(AddressRange.TryParse(text, out _, out var error));
        Assert.Equal(reason, error);
    }

    [Theory]
    [InlineData("02:42:AC:11:00:02", "02:42:ac:11:00:02")]
    [InlineData("02-42-ac-11-00-02", "02:42:ac:11:00:02")]
    [InlineData("02:42:ac:11:00", null)]
    [InlineData("02:42:ac:11:00:0g", null)]
    [InlineData("00:00:00:00:00:00", null)]
    public void TryParse_HardwareAddress_IsRead(string text, string? expected) =>
        Assert.Equal(expected, HardwareAddress.TryParse(text, out var address) ? address.ToString() : null);

    [Theory]
    [InlineData("children", "children", null)]
    [InlineData("10.0.0.1", null, "10.0.0.1")]
    [InlineData("02:42:ac:11:00:02", null, "02:42:ac:11:00:02")]
    public void TryParse_Reference_KnowsWhatItIs(string text, string? name, string? other)
    {
        Assert.True(ClientReference.TryParse(text, out var reference, out _));
        Assert.Equal(name, reference.Name);
        Assert.Equal(name ?? other, reference.ToString());
    }

    [Fact]
    public void Contains_HardwareAddress_IsFoundInTheNeighbourTable()
    {
        Assert.True(HardwareAddress.TryParse("02:42:ac:11:00:02", out var mac));
        var time = new ManualTimeProvider();
        var known = new Dictionary<UInt128, HardwareAddress> { [AddressRange.NumberOf(Endpoint("192.168.1.9"))] = mac };
        using var neighbours = new NeighbourTable(time, () => known);
        var set = new ClientSet([], [mac], neighbours);
        Assert.False(set.Contains(Endpoint("192.168.1.9")));      // asked for the first time: read now, for the next query
        time.Advance(TimeSpan.Zero);
        Assert.True(set.Contains(Endpoint("192.168.1.9")));
        Assert.False(set.Contains(Endpoint("192.168.1.10")));
    }

    [Fact]
    public void Find_Unknown_ReadsAnewAtMostOnceASecond_AndKnownOnesHalfAMinuteLater()
    {
        var reads = 0;
        var time = new ManualTimeProvider();
        var known = new Dictionary<UInt128, HardwareAddress> { [AddressRange.NumberOf(Endpoint("192.168.1.9"))] = new(7) };
        using var neighbours = new NeighbourTable(time, () =>
        {
            reads++;
            return known;
        });
        Assert.Equal(0, time.PendingTimers);
        Ask("192.168.1.9", TimeSpan.Zero);
        Ask("192.168.1.10", TimeSpan.FromSeconds(0.5));
        Assert.Equal(1, reads);
        Ask("192.168.1.10", TimeSpan.FromSeconds(1));
        Assert.Equal(2, reads);
        Ask("192.168.1.9", TimeSpan.FromSeconds(20));
        Assert.Equal(2, reads);
        Ask("192.168.1.9", TimeSpan.FromSeconds(20));
        Assert.Equal(3, reads);

        void Ask(string client, TimeSpan later)
        {
            time.Advance(later);
            neighbours.Find(Endpoint(client));
            time.Advance(TimeSpan.Zero);
        }
    }

    internal static FlowEndpoint Endpoint(string address) => FlowEndpoint.From(IPAddress.Parse(address), 53);

    internal static AddressRange Range(string text) => AddressRange.TryParse(text, out var range, out var error) ? range : throw new FormatException(error);
}
