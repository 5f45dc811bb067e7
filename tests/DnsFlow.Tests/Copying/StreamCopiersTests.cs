using DnsFlow.Copying;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.TestKit;
using DnsFlow.Tests.Flows;

namespace DnsFlow.Tests.Copying;

public sealed class StreamCopiersTests : IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    private readonly ManualTimeProvider _time = new();
    private readonly StreamFlowTable _flows = new(new LimitOptions { StreamFlows = 4, PerClient = new ClientLimitOptions { Exempt = [] } });
    private readonly StreamCopiers _copiers;

    public StreamCopiersTests() => _copiers = new StreamCopiers(_flows, new MonotonicClock(_time), TimeSpan.FromSeconds(10));

    [Fact]
    public void Sweep_OnlyWhileThereAreCopiers()
    {
        var copier = new FakeCopier();
        Assert.Equal(0, _time.PendingTimers);
        _copiers.Add(copier);
        _time.Advance(2 * s_tick);
        Assert.Equal([10_000_000, 10_000_000], copier.IdleTimes);

        _copiers.Remove(copier);
        Assert.Equal(0, _time.PendingTimers);
        _copiers.Add(copier);
        _time.Advance(s_tick);
        Assert.Equal(3, copier.IdleTimes.Count);
    }

    [Fact]
    public void Sweep_TableCrowded_AllowsTwoSeconds()
    {
        var copier = new FakeCopier();
        _copiers.Add(copier);
        for (var i = 0; i < 4; i++)
        {
            _flows.TryEnter(TestFlows.Stream().Flow, 0);
        }

        _time.Advance(s_tick);
        Assert.Equal([2_000_000], copier.IdleTimes);
    }

    [Fact]
    public async Task CloseLongestIdle_SomeBusy_ClosesTheIdleOneThatWasActiveFirst()
    {
        var (busy, older, newer) = (new FakeCopier { IsIdle = false, LastActive = 1 }, new FakeCopier { LastActive = 2 }, new FakeCopier { LastActive = 3 });
        _copiers.Add(newer);
        _copiers.Add(older);
        _copiers.Add(busy);
        _copiers.CloseLongestIdle();
        Assert.Equal(FlowCloseReason.Evicted, await older.Flow.Closed.Soon());
        Assert.Equal((FlowState.Closed, FlowState.Closed), (newer.Flow.State, busy.Flow.State));
    }

    [Fact]
    public void CloseLongestIdle_AllBusy_ClosesNone()
    {
        var busy = new FakeCopier { IsIdle = false };
        _copiers.Add(busy);
        _copiers.CloseLongestIdle();
        Assert.Equal(FlowState.Closed, busy.Flow.State);
    }

    public void Dispose() => _copiers.Dispose();

    private sealed class FakeCopier : IStreamCopier
    {
        public StreamFlow Flow { get; } = TestFlows.Stream().Flow;

        public List<long> IdleTimes { get; } = [];

        public long LastActive { get; init; }

        public bool IsIdle { get; init; } = true;

        public int InFlight => 0;

        public int Unsent => 0;

        public LastAnswer LastAnswer => default;

        public bool CheckTime(long now, long idleTime)
        {
            IdleTimes.Add(idleTime);
            return false;
        }

        public void Stop() => throw new InvalidOperationException("Nobody stops here.");
    }
}
