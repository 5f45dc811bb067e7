using System.Net;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Tests.Policy;
using DnsFlow.Transports.Memory;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

/// <summary>EDNS Client Subnet (RFC 7871): who learns which network, and that no answer for one reaches another.</summary>
public sealed class ClientSubnetTests
{
    private const string Name = "www.example";

    [Theory]
    [InlineData(SubnetMode.Strip, "192.0.2.7/32", null)]
    [InlineData(SubnetMode.Keep, "192.0.2.0/24", "192.0.2.0/24/0")]
    [InlineData(SubnetMode.Keep, "192.0.2.7/32", null)]             // longer than may be told
    [InlineData(SubnetMode.Keep, "2001:db8::/56", "2001:db8::/56/0")]
    [InlineData(SubnetMode.Keep, "0.0.0.0/0", null)]                // 7.1.2: wants nothing told
    [InlineData(SubnetMode.Keep, null, null)]
    [InlineData(SubnetMode.Set, null, "198.51.100.0/24/0")]
    [InlineData(SubnetMode.Set, "192.0.2.0/24", "198.51.100.0/24/0")]
    [InlineData(SubnetMode.Set, "0.0.0.0/0", null)]
    public void Upstream_Learns(SubnetMode mode, string? said, string? told)
    {
        using var harness = New(mode);
        Assert.Equal(told, SubnetOf(Ask(harness, said).Query));
    }

    [Fact]
    public void Set_PrivateAddress_IsNotTold()
    {
        using var harness = New(SubnetMode.Set);
        harness.SendFrom(FlowEndpoint.FromIPv4(0x0A000001, 5_000), Wire.Query(Name));
        Assert.Null(SubnetOf(harness.Upstream.Take().Query));
    }

    [Fact]
    public void Malformed_IsFormErr()
    {
        using var harness = New(SubnetMode.Keep);
        harness.SendFrom(Client(1), Query([0, 1, 24, 0, 192, 0, 2, 1]));       // a bit behind the prefix
        Assert.Equal(ResponseCode.FormErr, Wire.Header(harness.Network.TryTakeForClient(Client(1))!.Payload).ResponseCode);
    }

    [Fact]
    public void Answer_OfOneNetwork_ReachesNoOtherFromUpstreamOrCache()
    {
        using var harness = New(SubnetMode.Keep);
        Answer(Ask(harness, "192.0.2.0/24", client: 1), "203.0.113.1", harness);
        Answer(Ask(harness, "192.0.3.0/24", client: 2), "203.0.113.2", harness);
        Answer(Ask(harness, null, client: 3), "203.0.113.3", harness);
        foreach (var (said, address, client) in new[] { ("192.0.2.0/24", "203.0.113.1", 4), ("192.0.3.0/24", "203.0.113.2", 5), (null, "203.0.113.3", 6) })
        {
            harness.SendFrom(Client(client), Query(said));
            Assert.Equal(address, Wire.FirstAddress(Response(harness, client)));
        }

        Assert.Equal(3, harness.Upstream.Received);
        Assert.Equal(3, harness.Count(QueryOutcome.Cached));
    }

    [Fact]
    public void Questions_OfTwoNetworksInFlight_AreNotJoined()
    {
        using var harness = New(SubnetMode.Keep);
        harness.SendFrom(Client(1), Query("192.0.2.0/24"));
        harness.SendFrom(Client(2), Query("192.0.3.0/24"));
        harness.SendFrom(Client(3), Query("192.0.2.0/24"));
        Assert.Equal(2, harness.Upstream.Received);
    }

    [Fact]
    public void Questions_OfManyNetworksInFlight_AreEightForAName()
    {
        using var harness = New(SubnetMode.Keep);
        for (var i = 0; i < 10; i++)
        {
            harness.SendFrom(Client(i), Query($"192.0.{i}.0/24"));
        }

        harness.SendFrom(Client(20), Wire.Query("other.example"));
        Assert.Equal(SubnetVariants.Most + 1, harness.Upstream.Received);
        Assert.Equal(2, harness.Count(QueryOutcome.Shed));
        Assert.Equal((2, 0), (harness.Counters.ShedCount(ShedReason.NameSubnets), harness.Counters.ShedCount(ShedReason.GroupInFlight)));
        Answer(harness.Upstream.Take(), "203.0.113.1", harness);
        harness.SendFrom(Client(30), Query("192.0.9.0/24"));
        Assert.Equal(SubnetVariants.Most + 2, harness.Upstream.Received);
    }

    [Fact]
    public void Response_Keep_NamesTheNetworkWithAScopeAsLongFreshAndCached()
    {
        using var harness = New(SubnetMode.Keep);
        Answer(Ask(harness, "192.0.2.0/24", client: 1), "203.0.113.1", harness, client: 1, expected: "192.0.2.0/24/24");
        harness.SendFrom(Client(2), Query("192.0.2.0/24"));
        Assert.Equal("192.0.2.0/24/24", SubnetOf(Response(harness, 2)));
    }

    [Fact]
    public void Reply_AboutAnotherNetwork_IsDroppedAndTheWaitGoesOn()
    {
        using var harness = New(SubnetMode.Keep);
        var asked = Ask(harness, "192.0.2.0/24", client: 1);
        var answer = Wire.Answer(asked.Query, 300, "203.0.113.9");
        asked.Answer(WithSubnet(answer, [0, 1, 24, 24, 192, 0, 3]));
        harness.Run();
        Assert.Null(harness.Network.TryTakeForClient(Client(1)));
        Assert.Equal(1, harness.Counters.IgnoredCount(IgnoredReason.MismatchedReply));
        asked.Answer(WithSubnet(answer, [0, 1, 24, 16, 192, 0, 2]));
        harness.Run();
        Assert.Equal("203.0.113.9", Wire.FirstAddress(Response(harness, 1)));
    }

    [Fact]
    public async Task ServicePlane_SecondAttempt_IsAskedForTheSameNetwork()
    {
        using var harness = New(SubnetMode.Keep);
        string? told = null;
        harness.Exchange.OnAsk = (server, _, query, _) =>
        {
            told = SubnetOf(query);
            return Task.FromResult(new UpstreamResult(Wire.Answer(query, 60, "203.0.113.4"), UpstreamError.None, server));
        };
        Ask(harness, "192.0.2.0/24", client: 1).Refuse();
        MemoryDatagram? response = null;
        await TestWait.Until(() =>
        {
            harness.Run();
            return (response = harness.Network.TryTakeForClient(Client(1))) is not null;
        });
        Assert.Equal("192.0.2.0/24/0", told);
    }

    [Theory]
    [InlineData("strip", SubnetMode.Set, "192.0.2.0/24", null)]
    [InlineData("keep", SubnetMode.Strip, "192.0.2.0/24", "192.0.2.0/24/0")]
    [InlineData("client", SubnetMode.Strip, null, "198.51.100.0/24/0")]
    [InlineData("203.0.113.0/25", SubnetMode.Strip, null, "203.0.113.0/25/0")]
    [InlineData("2001:db8:7::/48", SubnetMode.Keep, "192.0.2.0/24", "2001:db8:7::/48/0")]
    public void Rule_ClientSubnet_TakesThePlaceOfTheGroups(string rule, SubnetMode group, string? said, string? told)
    {
        var rules = TestRules.Query($$"""[{ "Action": "client-subnet", "Subnet": "{{rule}}" }, { "Action": "forward", "To": "default" }]""");
        using var harness = New(group, new PolicyStep(rules));
        Assert.Equal(told, SubnetOf(Ask(harness, said).Query));
    }

    [Fact]
    public void Table_AtItsBound_ForgetsAndNeverMixesUp()
    {
        var table = new SubnetTable();
        var seen = new HashSet<uint>();
        for (uint i = 0; i < 3 * SubnetTable.Capacity; i++)
        {
            var subnet = SubnetOption.Of(FlowEndpoint.FromIPv4(i << 8, 0), 24, 56);
            var partition = table.PartitionOf(1, subnet);
            Assert.True(seen.Add(partition));
            Assert.Equal(partition, table.PartitionOf(1, subnet));
            Assert.NotEqual(partition, table.PartitionOf(2, subnet));
            Assert.True(table.TryGet(partition, out var found));
            Assert.Equal(subnet, found);
        }

        Assert.False(table.TryGet(seen.First(), out _));
        Assert.False(table.TryGet(1, out _));
    }

    private static ShardHarness New(SubnetMode mode, params IQueryStep[] before)
    {
        var group = new UpstreamGroupOptions { ClientSubnet = { Mode = mode } };
        var limits = new LimitOptions { Flows = 1024, InFlight = 256 };
        return new ShardHarness(limits, group: group, subnets: group.ClientSubnet, allow: [IPNetwork.Parse("0.0.0.0/0")], steps: before);
    }

    private static FlowEndpoint Client(int number) => FlowEndpoint.FromIPv4(0xC6336401 + (uint)number, 5_000);      // 198.51.100.x

    private static MemoryDatagramExchange Ask(ShardHarness harness, string? said, int client = 1)
    {
        harness.SendFrom(Client(client), Query(said));
        return harness.Upstream.Take();
    }

    private static void Answer(MemoryDatagramExchange asked, string address, ShardHarness harness, int client = 0, string? expected = null)
    {
        asked.Answer(Wire.Answer(asked.Query, 300, address));
        harness.Run();
        if (expected is not null)
        {
            Assert.Equal(expected, SubnetOf(Response(harness, client)));
        }
    }

    private static byte[] Response(ShardHarness harness, int client) => harness.Network.TryTakeForClient(Client(client))!.Payload;

    private static byte[] Query(string? said)
    {
        if (said is null)
        {
            return Wire.Query(Name, udpSize: 1232);
        }

        var network = IPNetwork.Parse(said);
        return Query(new ClientSubnet(network.BaseAddress, (byte)network.PrefixLength, 0).ToOption().Data.ToArray());
    }

    private static byte[] Query(byte[] option) => [.. Wire.Query(Name, udpSize: 1232)[..^2], 0, (byte)(option.Length + 4), 0, 8, 0, (byte)option.Length, .. option];

    private static byte[] WithSubnet(byte[] response, byte[] option)
    {
        byte[] whole = [.. response];
        whole[11] = 1;
        return [.. whole, 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, (byte)(option.Length + 4), 0, 8, 0, (byte)option.Length, .. option];
    }

    private static string? SubnetOf(byte[] message)
        => DnsMessageReader.TryRead(message, out var read) && read.Edns?.Find(EdnsOptionCode.ClientSubnet) is { } option && ClientSubnet.TryRead(option, out var subnet) ? subnet.ToString() : null;
}
