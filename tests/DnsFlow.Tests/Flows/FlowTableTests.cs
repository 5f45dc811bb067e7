using DnsFlow.Flows;
using DnsFlow.Limits;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Flows;

public sealed class FlowTableTests
{
    private static readonly FlowEndpoint s_server = FlowEndpoint.FromIPv4(0x7F000001, 53);

    [Fact]
    public void Add_Full_RefusesAndRemoveMakesRoom()
    {
        using var table = new FlowTable(4, seed: 1);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(i, Add(table, i));
        }

        Assert.Equal(-1, Add(table, 4));
        table.Remove(2);
        Assert.Equal(3, table.Count);
        Assert.Equal(2, Add(table, 4));
        Assert.Equal(-1, Find(table, 2));
    }

    [Fact]
    public void Ids_AreNeverUsedTwice()
    {
        using var table = new FlowTable(4, seed: 1);
        var seen = new HashSet<long>();
        for (var i = 0; i < 100; i++)
        {
            var flow = Add(table, i);
            Assert.True(seen.Add(table[flow].Id));
            table.Remove(flow);
        }
    }

    [Fact]
    public void FindEvictable_OldestHasQueryInFlight_TakesTheNext()
    {
        using var table = new FlowTable(4, seed: 1);
        var (first, second) = (Add(table, 1), Add(table, 2));
        table[first].InFlight = 1;
        Assert.Equal(second, table.FindEvictable());
        table[second].InFlight = 1;
        Assert.Equal(-1, table.FindEvictable());
    }

    [Fact]
    public void Key_DiffersInAnyPart_IsAnotherFlow()
    {
        using var table = new FlowTable(16, seed: 1);
        var key = new FlowKey(FlowTransport.Udp, FlowEndpoint.FromIPv4(1, 1), s_server);
        FlowKey[] others =
        [
            key with { Transport = FlowTransport.Tcp },
            key with { Local = FlowEndpoint.FromIPv4(1, 2) },
            key with { Local = FlowEndpoint.FromIPv4(2, 1) },
            key with { Local = key.Local with { Scope = 3 } },
            key with { Remote = FlowEndpoint.FromIPv4(0x7F000002, 53) },
        ];
        table.Add(new FlowFacts(key, 0), key.Hash(table.Seed), -1, 0);
        Assert.True(table.Find(key, key.Hash(table.Seed)) >= 0);
        Assert.All(others, other => Assert.Equal(-1, table.Find(other, other.Hash(table.Seed))));
    }

    [Fact]
    public void Order_AfterAnyMixOfSteps_IsByLastActivity() => Prop.ForAll<byte[]>(steps =>
    {
        using var table = new FlowTable(8, seed: 7);
        var model = new List<int>();        // ports, longest idle first
        var now = 0L;
        foreach (var step in steps)
        {
            now += MonotonicClock.Second;
            var port = step & 15;
            var flow = Find(table, port);
            if (flow < 0 && model.Count < 8)
            {
                Add(table, port);
                model.Add(port);
            }
            else if (flow >= 0)
            {
                model.Remove(port);
                if ((step & 16) != 0)
                {
                    table.Remove(flow);
                }
                else
                {
                    table.Touch(flow, now);
                    model.Add(port);
                }
            }
        }

        return Ports(table).SequenceEqual(model) && table.Count == model.Count;
    }).QuickCheckThrowOnFailure();

    private static IEnumerable<int> Ports(FlowTable table)
    {
        for (var flow = table.Oldest; flow >= 0; flow = table[flow].Newer)
        {
            yield return table[flow].Facts.Key.Local.Port;
        }
    }

    private static FlowKey Key(int port) => new(FlowTransport.Udp, FlowEndpoint.FromIPv4(0x0A000001, (ushort)port), s_server);

    private static int Add(FlowTable table, int port) => table.Add(new FlowFacts(Key(port), 0), Key(port).Hash(table.Seed), -1, 0);

    private static int Find(FlowTable table, int port) => table.Find(Key(port), Key(port).Hash(table.Seed));
}
