using DnsFlow.Copying;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Transports.Memory;

namespace DnsFlow.Tests.Copying;

public class StreamFlowTableTests
{
    [Fact]
    public void TryEnter_TableFull_NamesTheBound()
    {
        var table = new StreamFlowTable(new LimitOptions { StreamFlows = 20 });
        var flows = Enumerable.Range(1, 20).Select(client => Flow((uint)client)).ToList();
        Assert.All(flows, flow => Assert.Null(table.TryEnter(flow, 0)));
        Assert.Equal(ShedReason.FlowFull, table.TryEnter(Flow(21), 0));
        Assert.Equal(20, table.Count);

        table.Leave(flows[3]);
        Assert.Null(table.TryEnter(Flow(21), 0));
    }

    [Fact]
    public void TryEnter_NetworkOfClientsFull_NamesTheBoundAndTakesOthers()
    {
        var table = new StreamFlowTable(new LimitOptions { PerClient = new ClientLimitOptions { StreamFlows = 2, IPv4Prefix = 24 } });
        var first = Flow(0xC0000201);
        Assert.Null(table.TryEnter(first, 0));
        Assert.Null(table.TryEnter(Flow(0xC0000202), 0));
        Assert.Equal(ShedReason.ClientFlows, table.TryEnter(Flow(0xC0000203), 0));
        Assert.Null(table.TryEnter(Flow(0xC0000301), 0));

        table.Leave(first);
        Assert.Null(table.TryEnter(Flow(0xC0000203), 0));
    }

    [Fact]
    public void TryEnter_ExemptClient_HasNoBoundOfItsOwn()
    {
        var table = new StreamFlowTable(new LimitOptions { PerClient = new ClientLimitOptions { StreamFlows = 1 } });
        Assert.Null(table.TryEnter(Flow(0x7F000001), 0));
        Assert.Null(table.TryEnter(Flow(0x7F000001), 0));
    }

    [Fact]
    public void IsCrowded_ThreeQuartersTaken_BeforeItIsNearlyFull()
    {
        var table = new StreamFlowTable(new LimitOptions { StreamFlows = 20 });
        var seen = new List<(bool IsCrowded, bool IsNearlyFull)>();
        for (var client = 1u; client <= 18; client++)
        {
            table.TryEnter(Flow(client), 0);
            seen.Add((table.IsCrowded, table.IsNearlyFull));
        }

        Assert.Equal([(false, false), (true, false), (true, false), (true, true)], seen[14..]);
    }

    [Fact]
    public async Task WaitUntilEmptyAsync_FlowsInIt_DoneWhenTheLastLeaves()
    {
        var table = new StreamFlowTable(new LimitOptions());
        Assert.True(table.WaitUntilEmptyAsync().IsCompletedSuccessfully);
        var (first, second) = (Flow(1), Flow(2));
        table.TryEnter(first, 0);
        table.TryEnter(second, 0);
        var empty = table.WaitUntilEmptyAsync();
        table.Leave(first);
        Assert.False(empty.IsCompleted);
        table.Leave(second);
        await empty.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Find_IdOfAFlow_OnlyWhileItIsThere()
    {
        var table = new StreamFlowTable(new LimitOptions());
        var flow = Flow(1);
        table.TryEnter(flow, 7);
        Assert.Same(flow, table.Find(flow.Id));
        Assert.Equal([new(flow, 7)], table.List());
        table.Leave(flow);
        Assert.Null(table.Find(flow.Id));
        Assert.Empty(table.List());
    }

    private static StreamFlow Flow(uint client) => new(
        new FlowFacts(new FlowKey(FlowTransport.Tcp, FlowEndpoint.FromIPv4(client, 40_000), FlowEndpoint.FromIPv4(0xC0000201, 53)), 0), MemoryStreamTransport.CreatePair().Server);
}
