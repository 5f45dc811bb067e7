using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Providers;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Providers;

/// <summary>What the proxy does for and with a provider of the host's own, on a shard that the test drives.</summary>
public sealed class ProviderTests
{
    [Fact]
    public void Claim_DecidedLater_WaitingDatagramsAreCopiedThen()
    {
        var provider = new ScriptedProvider();
        using var harness = Harness(provider);
        harness.Send(Wire.Query("a.example", id: 1));
        harness.Send(Wire.Query("b.example", id: 2));
        Assert.Equal(0, harness.Upstream.Received);        // invariant 2: nothing is read before the verdict
        Assert.Equal("a.example.", provider.Flow!.RemoteHostname);

        provider.Verdict.SetResult(FlowVerdict.Claim);
        Eventually(harness, () => harness.Upstream.Received == 2);
        Assert.Equal(1, harness.Counters.FlowsOpened(0, 0, (int)FlowVerdict.Claim));
    }

    [Fact]
    public void Undecided_MoreDatagramsThanTheFlowHolds_AreDroppedAndCounted()
    {
        using var harness = Harness(new ScriptedProvider());
        for (var i = 0; i < 6; i++)
        {
            harness.Send(Wire.Query($"n{i}.example"));
        }

        Assert.Equal(2, harness.Counters.ShedCount(ShedReason.FlowWaiting));
    }

    [Fact]
    public void Invariant05_ProviderThrows_DefaultVerdictHoldsAndOtherFlowsGoOn()
    {
        var provider = new ScriptedProvider { OnNewFlow = flow => flow.LocalEndpoint.Port == 10_000 ? throw new InvalidOperationException("fault") : FlowVerdict.Claim };
        using var harness = Harness(provider);
        harness.Send(Wire.Query("a.example"), client: 0);
        harness.Send(Wire.Query("b.example"), client: 1);
        Assert.Equal(1, harness.Counters.FlowsOpened(0, 0, (int)FlowVerdict.Discard));
        Assert.Equal(1, harness.Upstream.Received);
    }

    [Fact]
    public void Invariant05_ProviderHangs_DefaultVerdictHoldsAfterAQuarterOfASecond()
    {
        using var harness = Harness(new ScriptedProvider());
        harness.Send(Wire.Query("a.example"));
        harness.Elapse(TimeSpan.FromMilliseconds(249));
        Assert.Equal(0, harness.Counters.FlowsOpened(0, 0, (int)FlowVerdict.Discard));
        harness.Elapse(TimeSpan.FromMilliseconds(2));
        Eventually(harness, () => harness.Counters.FlowsOpened(0, 0, (int)FlowVerdict.Discard) == 1);
        Assert.Equal(0, harness.Upstream.Received);
        Assert.Equal(0, harness.Network.WaitingForClients);
    }

    [Fact]
    public void CopiesByItself_ReadsWhatTheClientSentAndWritesBack()
    {
        var provider = new EchoingProvider();
        using var harness = new ShardHarness(handler: Handler(provider, new ManualTimeProvider()));
        harness.Send(Wire.Query("a.example", id: 7));
        Eventually(harness, () => harness.Network.WaitingForClients == 1);
        Assert.Equal(Wire.Query("a.example", id: 7), harness.Response());
        Assert.Equal(0, harness.Received());        // it is none of the proxy's queries
    }

    [Fact]
    public void CopiesByItself_ClosesBothDirections_FlowEnds()
    {
        var provider = new EchoingProvider();
        using var harness = new ShardHarness(handler: Handler(provider, new ManualTimeProvider()));
        harness.Send(Wire.Query("a.example"));
        Eventually(harness, () => harness.Network.WaitingForClients == 1);
        provider.Flow!.CloseWrite();
        provider.Flow.CloseRead();
        Eventually(harness, () => harness.Shard.FlowCount == 0);
        Assert.Equal(1, harness.Counters.FlowsClosed(0, (int)FlowCloseReason.Completed));
    }

    [Fact]
    public void Derived_OfTheForwardingProvider_DecidesAndTheProxyCopies()
    {
        var provider = new SchoolProvider();
        using var harness = new ShardHarness(handler: Handler(provider, new ManualTimeProvider()));
        harness.Send(Wire.Query("a.example"), client: 0);
        harness.Send(Wire.Query("b.example"), client: 1);
        Assert.Equal(1, harness.Upstream.Received);
        Assert.Equal(1, harness.Counters.IgnoredCount(IgnoredReason.Discarded));
    }

    private static ShardHarness Harness(ScriptedProvider provider)
    {
        var time = new ManualTimeProvider();
        return new ShardHarness(handler: Handler(provider, time), time: time);
    }

    private static ProviderFlowHandler Handler(FlowProvider provider, TimeProvider time) => new(provider, time, NullLogger.Instance);

    private static void Eventually(ShardHarness harness, Func<bool> condition) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            harness.Run();
            return condition();
        },
        TimeSpan.FromSeconds(10)));

    private sealed class ScriptedProvider : ForwardingProxyProvider
    {
        public TaskCompletionSource<FlowVerdict> Verdict { get; } = new();

        public Func<ProxyFlow, FlowVerdict>? OnNewFlow { get; init; }

        public ProxyFlow? Flow { get; private set; }

        public override ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken)
        {
            Flow = flow;
            return OnNewFlow is { } decide ? ValueTask.FromResult(decide(flow)) : new ValueTask<FlowVerdict>(Verdict.Task);
        }
    }

    private sealed class SchoolProvider : ForwardingProxyProvider
    {
        public override ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken)
            => flow.LocalEndpoint.Port == 10_000 ? ValueTask.FromResult(FlowVerdict.Discard) : base.HandleNewFlowAsync(flow, cancellationToken);
    }

    private sealed class EchoingProvider : DnsProxyProvider
    {
        public DatagramFlow? Flow { get; private set; }

        public override ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken)
        {
            Flow = (DatagramFlow)flow;
            _ = EchoAsync(Flow);
            return ValueTask.FromResult(FlowVerdict.Claim);
        }

        private static async Task EchoAsync(DatagramFlow flow)
        {
            await flow.OpenAsync(CancellationToken.None);
            while (await flow.ReadAsync(CancellationToken.None) is { Count: > 0 } datagrams)
            {
                await flow.WriteAsync(datagrams, CancellationToken.None);
            }
        }
    }
}
