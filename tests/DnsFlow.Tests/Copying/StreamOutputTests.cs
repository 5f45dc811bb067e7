using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Tests.Flows;

namespace DnsFlow.Tests.Copying;

public class StreamOutputTests
{
    [Fact]
    public async Task Deliver_AnyOrder_WrittenAsTheyCome()
    {
        var harness = new StreamHarness();
        var output = harness.OpenOutput();
        var (first, second) = (harness.Begin(output, "a.test"), harness.Begin(output, "b.test"));
        Assert.Equal((2, false), (output.InFlight, output.IsIdle));
        StreamHarness.Deliver(second, 2);
        StreamHarness.Deliver(first, 1);
        await output.DrainAsync().Soon();
        output.End(null);
        Assert.Equal([0, 1, 2, 0, 1, 1], (await harness.Client.ReadAllAsync()).Data);
        Assert.Equal((0, true, 0L), (output.InFlight, output.IsIdle, harness.Memory.UsedBytes));
    }

    [Fact]
    public async Task WaitForRoomAsync_AsMuchInFlightAsMayBe_UntilOneIsDelivered()
    {
        var harness = new StreamHarness(limits: new FlowLimitOptions { InFlight = 2 });
        var output = harness.OpenOutput();
        var first = harness.Begin(output, "a.test");
        Assert.True(output.HasRoom);
        harness.Begin(output, "b.test");
        Assert.False(output.HasRoom);
        var room = output.WaitForRoomAsync();
        Assert.False(room.IsCompleted);
        StreamHarness.Deliver(first, 1);
        await room.Soon();
        Assert.True(output.HasRoom);
    }

    [Fact]
    public async Task WaitForRoomAsync_AsMuchUnsentAsMayBe_UntilTheClientTakesIt()
    {
        var harness = new StreamHarness(limits: new FlowLimitOptions { QueuedBytes = 100 }, capacity: 50);
        var output = harness.OpenOutput();
        StreamHarness.Deliver(harness.Begin(output, "a.test"), new byte[120]);
        Assert.Equal((122, false), (output.Unsent, output.HasRoom));
        var room = output.WaitForRoomAsync();
        Assert.False(room.IsCompleted);
        var read = harness.Client.ReadAllAsync();
        await room.Soon();
        await output.DrainAsync().Soon();
        output.End(null);
        Assert.Equal(122, (await read).Data.Length);
    }

    [Fact]
    public async Task Stop_SomebodyWaitsForRoom_WaitsNoMore()
    {
        var harness = new StreamHarness(limits: new FlowLimitOptions { InFlight = 1 });
        var output = harness.OpenOutput();
        harness.Begin(output, "a.test");
        var room = output.WaitForRoomAsync();
        output.Stop();
        await room.Soon();
        Assert.True(output.WaitForRoomAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public void End_ResponsesGatheredAndToCome_AreForgotten()
    {
        var harness = new StreamHarness();
        var output = harness.OpenOutput();
        var late = harness.Begin(output, "a.test");
        output.End(FlowCloseReason.Internal);
        StreamHarness.Deliver(late, 1, 2, 3);
        Assert.Equal((0, 0, 0L), (output.InFlight, output.Unsent, harness.Memory.UsedBytes));
        Assert.True(output.HasRoom);
    }
}
