using DnsFlow.Copying;
using DnsFlow.Limits;
using DnsFlow.TestKit;
using DnsFlow.Tests.Flows;

namespace DnsFlow.Tests.Copying;

public class StreamCopierTests
{
    [Fact]
    public async Task RunAsync_ClientAsksAndEnds_GetsAllAnswersInOrder()
    {
        var harness = new StreamHarness();
        var running = Copier(harness, out _).RunAsync();
        await harness.Client.WriteAsync(Framed(20), CancellationToken.None);
        harness.Client.ShutdownSend();
        var answers = (await harness.Client.ReadAllAsync()).Data;
        await running.Soon();
        Assert.Equal(20 * Framed(1).Length, answers.Length);
        Assert.Equal((0, 19), (answers[3], answers[^(Framed(1).Length - 3)]));
        Assert.Equal(0, harness.Memory.UsedBytes);
    }

    [Fact]
    public async Task RunAsync_ClientResetsWhileItTakesNothing_GivesAllMemoryBack()
    {
        // What was read and not decided about yet when the write failed is still answered, into nothing.
        var harness = new StreamHarness(limits: new FlowLimitOptions { QueuedBytes = 40 }, capacity: 100);
        var copier = Copier(harness, out var ended);
        var running = copier.RunAsync();
        var asking = harness.Client.WriteAsync(Framed(20), CancellationToken.None);
        await TestWait.Until(() => harness.Client.Unread == 100 && copier.Unsent > 0);
        harness.Client.Abort();
        await running.Soon();
        await asking;
        Assert.Same(copier, await ended.Soon());
        Assert.Equal(0, harness.Memory.UsedBytes);
    }

    private static StreamCopier Copier(StreamHarness harness, out Task<IStreamCopier> ended)
    {
        var source = new TaskCompletionSource<IStreamCopier>();
        ended = source.Task;
        return new StreamCopier(harness.Flow, harness.Services, source.SetResult);
    }

    /// <summary>Queries for one name with the IDs 0, 1, 2, ...</summary>
    private static byte[] Framed(int count) => [.. Enumerable.Range(0, count).SelectMany(static id =>
    {
        var query = Wire.Query("name.test", id: (ushort)id);
        return (byte[])[0, (byte)query.Length, .. query];
    })];
}
