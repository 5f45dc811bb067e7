using DnsFlow.Upstreams;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Upstreams;

public class UpstreamHealthTests
{
    private const long Millisecond = 1_000, Second = 1_000_000, Start = 3_600 * Second;

    private readonly UpstreamHealth _health = new(new UpstreamGroupOptions { Probe = ProbeMode.Off });

    [Fact]
    public void AttemptTimeout_BeforeAnAnswer_Is800Milliseconds() => Assert.Equal(800 * Millisecond, _health.AttemptTimeout);

    [Theory]
    [InlineData(10, 200)]
    [InlineData(100, 300)]
    [InlineData(900, 1_500)]
    public void AttemptTimeout_AfterAnswers_IsThreeRoundTripsWithinBounds(int roundTrip, int expected)
    {
        _health.Succeeded(roundTrip * Millisecond, Start);
        Assert.Equal(expected * Millisecond, _health.AttemptTimeout);
    }

    [Fact]
    public void AttemptTimeout_ServerBecomesSlow_FollowsLateAnswers()
    {
        _health.Succeeded(10 * Millisecond, Start);
        for (var i = 0; i < 30; i++)
        {
            _health.Failed(Start);
            _health.SucceededLate(400 * Millisecond);
        }

        Assert.InRange(_health.AttemptTimeout, 1_000 * Millisecond, 1_200 * Millisecond);
        Assert.False(_health.IsDown);
    }

    [Fact]
    public void Failed_FourInARow_StaysClosed()
    {
        Fail(4, Start);
        Assert.True(_health.TryUse(Start));
    }

    [Fact]
    public void Failed_FiveInARow_Opens()
    {
        Fail(5, Start);
        Assert.False(_health.TryUse(Start));
        Assert.Equal((UpstreamState.Down, 1), (_health.State(Start), _health.Opened));
    }

    [Fact]
    public void Failed_SuccessBetween_StaysClosed()
    {
        Fail(4, Start);
        _health.Succeeded(Millisecond, Start);
        Fail(4, Start);
        Assert.True(_health.TryUse(Start));
    }

    [Fact]
    public void Failed_HalfOfTwenty_Opens()
    {
        for (var i = 0; i < 9; i++)
        {
            _health.Succeeded(Millisecond, Start);
            _health.Failed(Start);
        }

        _health.Succeeded(Millisecond, Start);
        Assert.False(_health.IsDown);
        _health.Failed(Start);
        Assert.True(_health.IsDown);
    }

    [Fact]
    public void Failed_HalfOfTwentyOverMoreThanTenSeconds_StaysClosed()
    {
        for (var i = 0; i < 30; i++)
        {
            _health.Succeeded(Millisecond, Start + (i * Second));
            _health.Failed(Start + (i * Second));
        }

        Assert.False(_health.IsDown);       // never twenty in ten seconds
    }

    [Fact]
    public void TryUse_PauseOver_LetsOneQueryThrough()
    {
        Fail(5, Start);
        Assert.False(_health.TryUse(Start + Second - 1));
        Assert.True(_health.TryUse(Start + Second));
        Assert.False(_health.TryUse(Start + Second));
        Assert.Equal(UpstreamState.Probing, _health.State(Start + Second));
    }

    [Fact]
    public void TryUse_ProbesFail_PauseDoublesUpToTenSeconds()
    {
        Fail(5, Start);
        var now = Start;
        foreach (var pause in new[] { 1, 2, 4, 8, 10, 10 })
        {
            Assert.False(_health.TryUse(now + (pause * Second) - 1));
            now += pause * Second;
            Assert.True(_health.TryUse(now));
            _health.Failed(now);
        }
    }

    [Fact]
    public void TryUse_OldAttemptsFailWhileOpen_PauseStays()
    {
        Fail(50, Start);
        Assert.True(_health.TryUse(Start + Second));
    }

    [Fact]
    public void TryUse_ProbeNeverReported_AnotherFollows()
    {
        Fail(5, Start);
        Assert.True(_health.TryUse(Start + Second));
        Assert.False(_health.TryUse(Start + (2 * Second)));
        Assert.True(_health.TryUse(Start + (3 * Second)));
    }

    [Fact]
    public void Succeeded_Probe_ClosesAndForgetsOldFailures()
    {
        Fail(30, Start);
        Assert.True(_health.TryUse(Start + Second));
        _health.Succeeded(Millisecond, Start + Second);
        Fail(4, Start + Second);
        Assert.True(_health.TryUse(Start + Second));
    }

    [Fact]
    public void SucceededLate_UselesslyLate_DoesNotClose()
    {
        Fail(5, Start);
        _health.SucceededLate(3 * Second);
        Assert.True(_health.IsDown);
        _health.SucceededLate(1_400 * Millisecond);
        Assert.False(_health.IsDown);
    }

    [Fact]
    public void Failed_LossesInARowAmongManyAnswers_IsNotDown()
    {
        // One in eight is lost, and at a high rate the losses come in bunches.
        for (var now = Start; now < Start + (5 * Second); now += 10 * Millisecond)
        {
            for (var i = 0; i < 70; i++)
            {
                _health.Succeeded(Millisecond, now);
            }

            Fail(10, now);
        }

        Assert.False(_health.IsDown);
        Fail(5, Start + (6 * Second));
        Assert.True(_health.IsDown);
    }

    [Fact]
    public void AnsweredBadly_Always_IsSuspectButNotDown()
    {
        for (var i = 0; i < 100; i++)
        {
            _health.AnsweredBadly(Start);
        }

        Assert.Equal((UpstreamState.Suspect, true), (_health.State(Start), _health.TryUse(Start)));
        Assert.Equal(UpstreamState.Up, _health.State(Start + (5 * Second)));
    }

    [Fact]
    public void AnsweredBadly_OneInThree_IsNotSuspect()
    {
        for (var i = 0; i < 100; i++)
        {
            _health.Succeeded(Millisecond, Start);
            _health.Succeeded(Millisecond, Start);
            _health.AnsweredBadly(Start);
        }

        Assert.Equal(UpstreamState.Up, _health.State(Start));
    }

    [Fact]
    public void Released_Probe_NextQueryIsTheProbe()
    {
        Fail(5, Start);
        Assert.True(_health.TryUse(Start + Second));
        _health.Released(Start + Second);
        Assert.True(_health.TryUse(Start + Second));
        Assert.False(_health.TryUse(Start + Second));
    }

    [Fact]
    public async Task TryUse_ManyThreadsAtTheEndOfThePause_OneWins()
    {
        for (var round = 0; round < 50; round++)
        {
            var health = new UpstreamHealth(new UpstreamGroupOptions { FailAfter = 1, Probe = ProbeMode.Off });
            health.Failed(Start);
            var wins = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => health.TryUse(Start + Second))));
            Assert.Single(wins, won => won);
        }
    }

    [Fact]
    public void Succeeded_Always_AllocatesNothing()
    {
        _health.Succeeded(Millisecond, Start);
        Assert.True(_health.TryUse(Start));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _health.TryUse(Start + i);
            _health.Succeeded(Millisecond, Start + i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>The breaker against a model that keeps every event: same answers for any sequence of events and times.</summary>
    [Fact]
    public void TryUse_AnyHistory_BehavesAsTheModel()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000).WithEndSize(200), Prop.ForAll<(byte Kind, byte Gap)[]>(events =>
        {
            var health = new UpstreamHealth(new UpstreamGroupOptions { Probe = ProbeMode.Off });
            var model = new BreakerModel();
            var now = Start;
            foreach (var (kind, gap) in events)
            {
                now += gap * 20L * Millisecond;
                switch (kind % 4)
                {
                    case 0:
                        health.Succeeded(Millisecond, now);
                        model.Succeeded(now);
                        break;
                    case 1 or 2:
                        health.Failed(now);
                        model.Failed(now);
                        break;
                    default:
                        if (health.TryUse(now) != model.TryUse(now))
                        {
                            return false;
                        }

                        break;
                }

                if (health.IsDown != model.IsOpen)
                {
                    return false;
                }
            }

            return true;
        }));

    private void Fail(int times, long now)
    {
        for (var i = 0; i < times; i++)
        {
            _health.Failed(now);
        }
    }

    private sealed class BreakerModel
    {
        private readonly List<(long Second, bool Failed)> _window = [];
        private int _inARow;
        private long _lastAnswer;
        private long _pause, _retryAt;
        private bool _probing;

        public bool IsOpen { get; private set; }

        public bool TryUse(long now)
        {
            if (!IsOpen)
            {
                return true;
            }

            if (now < _retryAt)
            {
                return false;
            }

            _probing = true;
            _retryAt = now + (2 * Second);
            return true;
        }

        public void Succeeded(long now)
        {
            _inARow = 0;
            _lastAnswer = now;
            _window.Add((now / Second, false));
            if (IsOpen)
            {
                IsOpen = _probing = false;
                _window.Clear();
            }
        }

        public void Failed(long now)
        {
            _window.Add((now / Second, true));
            _inARow++;
            if (IsOpen)
            {
                if (_probing)
                {
                    _probing = false;
                    _pause = Math.Min(2 * _pause, 10 * Second);
                    _retryAt = now + _pause;
                }

                return;
            }

            var recent = _window.Where(entry => (now / Second) - entry.Second < 10).ToList();
            if ((_inARow >= 5 && now - _lastAnswer >= 200 * Millisecond) || (recent.Count >= 20 && 2 * recent.Count(entry => entry.Failed) >= recent.Count))
            {
                (IsOpen, _pause, _retryAt) = (true, Second, now + Second);
            }
        }
    }
}
