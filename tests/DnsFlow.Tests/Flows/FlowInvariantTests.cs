using DnsFlow.Flows;
using DnsFlow.Transports.Memory;

namespace DnsFlow.Tests.Flows;

/// <summary>The invariants of a flow by itself (flow model, section 10).</summary>
public class FlowInvariantTests
{
    [Fact]
    public async Task Invariant01_EveryFlow_ReachesEndedOnceWhateverHappensToIt()
    {
        var (made, ended) = (0, 0);
        var random = new Random(1);
        for (var i = 0; i < 1_000; i++)
        {
            var (flow, client, _) = TestFlows.Stream(16);
            made++;
            var ends = 0;
            flow.Ended = (_, _) =>
            {
                ends++;
                ended++;
            };
            Assert.Equal(1, made - ended);
            var opening = random.Next(2) == 0 ? flow.OpenAsync() : default;
            for (var step = 0; step < 6; step++)
            {
                Disturb(flow, client, random);
            }

            flow.CloseWrite();
            flow.CloseRead();
            flow.Close(FlowCloseReason.BudgetExceeded, FlowError.TimedOut);     // as the sweep does with a write that nobody takes
            flow.Decide(FlowVerdict.Claim);
            await opening.Soon();
            var reason = await flow.Closed.Soon();
            Disturb(flow, client, random);
            Assert.Equal((1, FlowState.Ended, reason), (ends, flow.State, await flow.Closed));
        }

        Assert.Equal(made, ended);
    }

    [Fact]
    public async Task Invariant02_StreamFlow_RefusesWhatBreaksTheContract()
    {
        var (flow, _, _) = TestFlows.Stream();
        await AssertRefused(FlowError.NotConnected, async () => await flow.ReadAsync());
        await AssertRefused(FlowError.NotConnected, async () => await flow.WriteAsync(new byte[1]));
        flow.Decide(FlowVerdict.Claim);
        await AssertRefused(FlowError.NotConnected, async () => await flow.ReadAsync());
        await flow.OpenAsync();
        var reading = flow.ReadAsync();
        await AssertRefused(FlowError.ReadAlreadyPending, async () => await flow.ReadAsync());
        flow.CloseWrite();
        await AssertRefused(FlowError.NotConnected, async () => await flow.WriteAsync(new byte[1]));
        Assert.False(reading.IsCompleted);
    }

    [Fact]
    public async Task Invariant02_DatagramFlow_RefusesWhatBreaksTheContract()
    {
        var sink = new RecordingSink();
        var flow = TestFlows.Datagrams(sink);
        Datagram[] small = [new(new byte[Datagram.MaxLength], TestFlows.Server)];
        Datagram[] large = [new(new byte[1], TestFlows.Server), new(new byte[Datagram.MaxLength + 1], TestFlows.Server)];
        await AssertRefused(FlowError.NotConnected, async () => await flow.ReadAsync());
        await AssertRefused(FlowError.NotConnected, async () => await flow.WriteAsync(small));
        flow.Decide(FlowVerdict.Claim);
        await flow.OpenAsync();
        var reading = flow.ReadAsync();
        await AssertRefused(FlowError.ReadAlreadyPending, async () => await flow.ReadAsync());
        await AssertRefused(FlowError.DatagramTooLarge, async () => await flow.WriteAsync(large));
        Assert.Empty(sink.Sent);
        Assert.True(await flow.WriteAsync(small));
        flow.CloseWrite();
        await AssertRefused(FlowError.NotConnected, async () => await flow.WriteAsync(small));
        Assert.False(reading.IsCompleted);
    }

    [Fact]
    public async Task Invariant04_NotClaimed_TheProviderSeesNoOctet()
    {
        foreach (var verdict in new[] { FlowVerdict.Discard, FlowVerdict.Pass })
        {
            var (flow, client, _) = TestFlows.Stream();
            await client.WriteAsync("secret"u8.ToArray(), CancellationToken.None);
            var opening = flow.OpenAsync();
            await AssertRefused(FlowError.NotConnected, async () => await flow.ReadAsync());
            flow.Decide(verdict);
            Assert.False(await opening.Soon());
            await AssertRefused(FlowError.NotConnected, async () => await flow.ReadAsync());
        }
    }

    [Fact]
    public async Task Invariant06_Closes_AnyOrderAnyThreadAnyNumber_GiveTheSameResult()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            var (flow, client, server) = TestFlows.OpenStream(16);
            FlowError? error = random.Next(2) == 0 ? null : FlowError.HostUnreachable;
            Action[] closes = [() => flow.CloseRead(error), () => flow.CloseWrite(error), () => flow.CloseRead(error), () => flow.CloseWrite(error)];
            random.Shuffle(closes);
            if (random.Next(4) == 0)
            {
                Parallel.Invoke(closes);
            }
            else
            {
                Array.ForEach(closes, close => close());
            }

            Assert.Equal(error is null ? FlowCloseReason.Completed : FlowCloseReason.UpstreamFailed, await flow.Closed.Soon());
            Assert.True(server.IsClosed);
            Assert.Equal(error is not null, client.IsReset);
            Assert.True(error is not null || client.IsEndedByPeer);
        }
    }

    private static async Task AssertRefused(FlowError error, Func<Task> call)
        => Assert.Equal(error, (await Assert.ThrowsAsync<FlowException>(call)).Error);

    private static void Disturb(StreamFlow flow, MemoryStreamTransport client, Random random)
    {
        FlowError? error = random.Next(3) == 0 ? FlowError.TimedOut : null;
        switch (random.Next(8))
        {
            case 0: flow.CloseRead(error); break;
            case 1: flow.CloseWrite(error); break;
            case 2: client.Abort(); break;
            case 3: client.ShutdownSend(); break;
            case 4: flow.Decide((FlowVerdict)random.Next(3)); break;
            case 5 when flow.State == FlowState.Open: Use(() => flow.TryWriteAsync(new byte[8]).AsTask()); break;
            case 6 when flow.State == FlowState.Open: Use(() => flow.ReadAsync().AsTask()); break;
            case 7: flow.Close((FlowCloseReason)random.Next(12), error); break;
            default: break;
        }
    }

    private static void Use(Func<Task> call)
    {
        try
        {
            _ = call();
        }
        catch (FlowException)
        {
            // One is pending already.
        }
    }
}
