using System.Net;
using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Tests.Flows;

public sealed class ClientTableTests
{
    private const long Second = MonotonicClock.Second;

    [Fact]
    public void TryTakeToken_BurstThenRate_HoldsTheBoundOverEveryWindow()
    {
        using var table = Table(new ClientLimitOptions { Rate = 100, Burst = 50 });
        var taken = 0;
        for (var millisecond = 0; millisecond < 2_000; millisecond++)
        {
            for (var i = 0; i < 3; i++)
            {
                var client = table.Find(Client("192.0.2.1"), millisecond * 1_000L);
                taken += table.TryTakeToken(client, millisecond * 1_000L) ? 1 : 0;
            }
        }

        Assert.InRange(taken, 245, 250);       // burst + 2 s x rate
    }

    [Fact]
    public void TryTakeToken_OneClientFloods_AnotherIsNotTouched()
    {
        using var table = Table(new ClientLimitOptions { Rate = 10, Burst = 10 });
        var flooder = table.Find(Client("192.0.2.1"), 0);
        for (var i = 0; i < 1_000; i++)
        {
            table.TryTakeToken(flooder, 0);
        }

        Assert.False(table.TryTakeToken(flooder, 0));
        Assert.True(table.TryTakeToken(table.Find(Client("192.0.2.2"), 0), 0));
    }

    [Fact]
    public void Find_SamePrefix_IsOneClient()
    {
        using var table = Table(new ClientLimitOptions());
        Assert.Equal(table.Find(Client("2001:db8:0:1::1"), 0), table.Find(Client("2001:db8:0:2::9"), 0));       // one /56
        Assert.NotEqual(table.Find(Client("2001:db8:0:1::1"), 0), table.Find(Client("2001:db8:0:100::1"), 0));
        Assert.NotEqual(table.Find(Client("192.0.2.1"), 0), table.Find(Client("192.0.2.2"), 0));
    }

    [Fact]
    public void Find_Loopback_IsExemptByDefault()
    {
        using var table = Table(new ClientLimitOptions { Rate = 1, Burst = 1 });
        Assert.Equal(ClientTable.Exempt, table.Find(Client("127.0.0.1"), 0));
        Assert.Equal(ClientTable.Exempt, table.Find(Client("::1"), 0));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.True(table.TryTakeToken(ClientTable.Exempt, 0)));
    }

    [Fact]
    public void Find_TableFull_ForgetsTheUnseenAndKeepsTheBusy()
    {
        using var table = Table(new ClientLimitOptions(), capacity: 8);
        var busy = table.Find(Client("192.0.2.1"), 0);
        Assert.True(table.TryBeginQuery(busy));
        for (var i = 0; i < 100; i++)
        {
            Assert.NotEqual(ClientTable.Exempt, table.Find(FlowEndpoint.FromIPv4(0xC6336400u + (uint)i, 1), i * Second));
        }

        Assert.Equal(8, table.Count);
        Assert.Equal(busy, table.Find(Client("192.0.2.1"), 101 * Second));
    }

    [Fact]
    public void TryBeginQuery_AtTheBound_Refuses()
    {
        using var table = Table(new ClientLimitOptions { InFlight = 2, Flows = 1 });
        var client = table.Find(Client("192.0.2.1"), 0);
        Assert.True(table.TryBeginQuery(client));
        Assert.True(table.TryBeginQuery(client));
        Assert.False(table.TryBeginQuery(client));
        table.EndQuery(client);
        Assert.True(table.TryBeginQuery(client));
        Assert.True(table.TryBeginFlow(client));
        Assert.False(table.TryBeginFlow(client));
        table.EndFlow(client);
        Assert.True(table.TryBeginFlow(client));
    }

    private static ClientTable Table(ClientLimitOptions limits, int capacity = 64) => new(limits, capacity, seed: 3);

    private static FlowEndpoint Client(string address) => FlowEndpoint.From(IPAddress.Parse(address), 5353);
}
