using System.Net;
using DnsFlow.Limits;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

public sealed class NetworkWatchTests : IDisposable
{
    private readonly JumpingTime _time = new();
    private readonly RecordingLogger _log = new();
    private readonly NetworkWatch _watch;
    private int _told;

    public NetworkWatchTests()
    {
        _watch = new NetworkWatch(new MonotonicClock(_time), _log);
        _watch.Changed += () => _told++;
    }

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void Notice_ManyAtOnce_AreToldOnceALittleLater()
    {
        for (var i = 0; i < 5; i++)
        {
            _watch.Notice("addresses changed");
        }

        Assert.Equal(0, _told);
        _time.Advance(NetworkWatch.Delay);
        Assert.Equal(1, _told);
        _watch.Notice("addresses changed");
        _time.Advance(NetworkWatch.Delay);
        Assert.Equal(2, _told);
        Assert.Contains("addresses changed", Assert.Single(_log.Lines.Distinct()), StringComparison.Ordinal);
    }

    [Fact]
    public void LookForJump_MachineSlept_IsTold()
    {
        _time.Advance(TimeSpan.FromHours(1));
        _watch.LookForJump();
        _time.Advance(NetworkWatch.Delay);
        Assert.Equal(0, _told);
        _time.Sleep(TimeSpan.FromMinutes(3));
        _watch.LookForJump();
        _watch.LookForJump();
        _time.Advance(NetworkWatch.Delay);
        Assert.Equal(1, _told);
    }

    [Fact]
    public void FindGone_OwnAddressesAreHere_OthersAreGone()
    {
        var isGone = NetworkWatch.FindGone();
        Assert.False(isGone(IPAddress.Loopback));
        Assert.True(isGone(IPAddress.Parse("192.0.2.77")));
    }

    /// <summary>A wall clock that goes on while the monotonic one stands still.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private readonly ManualTimeProvider _inner = new();
        private TimeSpan _slept;

        public override long TimestampFrequency => _inner.TimestampFrequency;

        public void Advance(TimeSpan by) => _inner.Advance(by);

        public void Sleep(TimeSpan by) => _slept += by;

        public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + _slept;

        public override long GetTimestamp() => _inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);
    }
}
