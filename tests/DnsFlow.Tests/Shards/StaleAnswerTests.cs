using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

/// <summary>RFC 8767: what is given after its time, to whom, and what goes on meanwhile. docs/caching.md tells the usual course.</summary>
public sealed class StaleAnswerTests
{
    private const string Name = "a.example";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1800);

    [Fact]
    public void Silence_ThreeWait_EachGetsWhatIsStaleOnceAndOneQuestionGoesOn()
    {
        using var harness = Expired();
        harness.Send(Wire.Query(Name, id: 1), client: 1);
        harness.Send(Wire.Query("A.example", id: 2), client: 2);
        harness.Send(Wire.Query(Name, id: 3, udpSize: 1232), client: 3);
        var asked = harness.Upstream.Take();
        harness.Elapse(Patience);

        foreach (var client in new[] { 1, 2, 3 })
        {
            var response = harness.Response(client)!;
            Assert.Equal((ushort)client, Wire.Header(response).Id);
            Assert.Equal("198.51.100.7", Wire.FirstAddress(response));
            Assert.Null(harness.Response(client));
        }

        Assert.Equal(3, harness.Count(QueryOutcome.Stale));
        Assert.Equal(0, harness.Shard.InFlight);
        Assert.Equal(harness.Received(), harness.Finished());

        asked.Answer(Wire.Answer(asked.Query, 60, "198.51.100.8"));
        harness.Run();
        harness.Send(Wire.Query(Name), client: 4);
        Assert.Equal("198.51.100.8", Wire.FirstAddress(harness.Response(4)!));
        Assert.Equal(1, harness.Count(QueryOutcome.Cached));
        Assert.Equal(2, harness.Upstream.Received);
    }

    [Fact]
    public void Silence_NoPlaceToWaitOn_AnswersAllTheSameAndEndsTheQuestion()
    {
        using var harness = Expired(new LimitOptions { Flows = 64, InFlight = 2 });
        harness.Send(Wire.Query(Name), client: 1);
        harness.Send(Wire.Query(Name), client: 2);
        harness.Elapse(Patience);
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response(1)!));
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response(2)!));
        harness.Send(Wire.Query("b.example"), client: 3);       // the places are free again
        Assert.Equal(1, harness.Shard.InFlight);
    }

    [Fact]
    public void Silence_WithoutAnythingStale_WaitsOn()
    {
        using var harness = New();
        harness.Send(Wire.Query(Name));
        harness.Elapse(Patience);
        Assert.Null(harness.Response());
        Assert.Equal(1, harness.Shard.InFlight);
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 60, "198.51.100.8"));
        harness.Run();
        Assert.Equal("198.51.100.8", Wire.FirstAddress(harness.Response()!));
    }

    [Fact]
    public void Silence_DnssecOkDiffers_IsAnotherQuestion()
    {
        using var harness = Expired();
        harness.Send(Wire.Query(Name, udpSize: 1232, dnssecOk: true), client: 1);
        harness.Elapse(Patience);
        Assert.Null(harness.Response(1));
    }

    [Fact]
    public void Silence_RulesTookThePastTheCache_IsNeverStale()
    {
        var step = new BypassStep();
        using var harness = Expired(steps: step);
        step.Bypasses = true;
        harness.Send(Wire.Query(Name), client: 1);
        harness.Elapse(TimeSpan.FromSeconds(5));
        Assert.Equal(ResponseCode.ServFail, Wire.Header(harness.Response(1)!).ResponseCode);
        Assert.Equal(0, harness.Count(QueryOutcome.Stale));
    }

    [Fact]
    public void GroupDown_NobodyWaits()
    {
        using var harness = Expired();
        foreach (var server in harness.Servers)
        {
            for (var i = 0; i < 10; i++)
            {
                server.Sent();
                server.Failed(UpstreamError.Refused, harness.Clock.Now);
            }
        }

        Assert.True(harness.Group.IsDown);
        harness.Send(Wire.Query(Name), client: 1);
        harness.Send(Wire.Query("b.example"), client: 2);
        harness.Send(Wire.Query(Name), client: 3);
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response(1)!));
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response(3)!));
        Assert.Equal(ResponseCode.ServFail, Wire.Header(harness.Response(2)!).ResponseCode);
        Assert.Equal(2, harness.Count(QueryOutcome.Stale));
    }

    [Theory]
    [InlineData(6, QueryOutcome.Failed)]        // DNSSEC Bogus
    [InlineData(7, QueryOutcome.Failed)]        // Signature Expired
    [InlineData(22, QueryOutcome.Stale)]        // No Reachable Authority
    public async Task ServFail_OfAValidator_IsPassedOn(ushort error, QueryOutcome outcome)
    {
        using var harness = Expired();
        harness.Exchange.OnAsk = (server, _, query, _) => Task.FromResult(new UpstreamResult(Failure(query, error), UpstreamError.BadResponse, server));
        harness.Send(Wire.Query(Name), client: 1);
        var asked = harness.Upstream.Take();
        asked.Answer(Failure(asked.Query, error));
        await TestWait.Until(() =>
        {
            harness.Run();
            return harness.Count(outcome) == 1;
        });
        harness.Send(Wire.Query(Name), client: 2);      // and what is remembered of it says the same
        Assert.Equal(2, harness.Count(outcome));
    }

    [Fact]
    public void Stop_QuestionGoesOnForTheCacheAlone_DoesNotHoldItUp()
    {
        using var harness = Expired();
        harness.Send(Wire.Query(Name), client: 1);
        harness.Elapse(Patience);
        Assert.Equal(0, harness.Shard.InFlight);
        harness.Shard.End();
        Assert.Equal(1, harness.Count(QueryOutcome.Stale));
        Assert.Equal(harness.Received(), harness.Finished());
    }

    private static ShardHarness New(LimitOptions? limits = null, params IQueryStep[] steps)
    {
        var harness = new ShardHarness(limits, steps: steps);
        harness.Exchange.OnAsk = static (_, _, _, cancellation) =>
        {
            var end = new TaskCompletionSource<UpstreamResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            cancellation.UnsafeRegister(_ => end.TrySetCanceled(), null);
            return end.Task;
        };
        return harness;
    }

    /// <summary>A name was answered, and its time is over.</summary>
    private static ShardHarness Expired(LimitOptions? limits = null, params IQueryStep[] steps)
    {
        var harness = New(limits, steps);
        harness.Send(Wire.Query(Name));
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 60, "198.51.100.7"));
        harness.Run();
        Assert.NotNull(harness.Response());
        harness.Elapse(TimeSpan.FromSeconds(61));
        return harness;
    }

    private static byte[] Failure(byte[] query, ushort error)
    {
        QueryView.TryParse(query, out var view);
        var response = new byte[512];
        return response[..DnsResponses.WriteEmpty(query, view, ResponseCode.ServFail, response, (ExtendedErrorCode)error)];
    }

    private sealed class BypassStep : IQueryStep
    {
        public string Name => "bypass";

        public bool Bypasses { get; set; }

        public StepResult Invoke(ref QueryContext context)
        {
            context.BypassCache = Bypasses;
            return StepResult.Continue;
        }
    }
}
