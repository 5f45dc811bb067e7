using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Tests.Caching;

public class CacheStepTests
{
    private readonly CacheHarness _cache = new();
    private readonly byte[] _name = new byte[255];
    private readonly byte[] _buffer = new byte[1232];
    private readonly FlowFacts _facts = CacheHarness.Facts(new Question("x"));

    [Fact]
    public void Invoke_Stored_Answers()
    {
        _cache.Store(new Question("www.example"), 7);

        var context = New(new Question("www.example"));

        Assert.Equal(StepResult.Answered, new CacheStep(_cache.Cache).Invoke(ref context));
        Assert.Equal(QueryOutcome.Cached, context.Outcome);
        Assert.Equal(ResponseCode.NoError, context.ResponseCode);
        Assert.Equal("cache", context.Decision.Step);
    }

    [Fact]
    public void Invoke_Failed_CountsAsFailed()
    {
        _cache.Fail(new Question("www.example"));

        var context = New(new Question("www.example"));

        Assert.Equal(StepResult.Answered, new CacheStep(_cache.Cache).Invoke(ref context));
        Assert.Equal(QueryOutcome.Failed, context.Outcome);
        Assert.Equal(ResponseCode.ServFail, context.ResponseCode);
    }

    [Fact]
    public void Invoke_NotStored_PassesOn()
    {
        var context = New(new Question("www.example"));

        Assert.Equal(StepResult.Continue, new CacheStep(_cache.Cache).Invoke(ref context));
        Assert.Equal(1, _cache.Statistics.Misses);
    }

    [Fact]
    public void Invoke_BypassedOrWithoutTarget_DoesNotLook()
    {
        _cache.Store(new Question("www.example"), 7);
        var bypassed = New(new Question("www.example"));
        bypassed.BypassCache = true;
        var undecided = New(new Question("www.example"));
        undecided.Target = ForwardTarget.None;

        Assert.Equal(StepResult.Continue, new CacheStep(_cache.Cache).Invoke(ref bypassed));
        Assert.Equal(StepResult.Continue, new CacheStep(_cache.Cache).Invoke(ref undecided));
        Assert.Equal(0, _cache.Statistics.Misses);
    }

    [Fact]
    public void Invoke_HitsAndMisses_AllocateNothing()
    {
        var step = new CacheStep(_cache.Cache);
        _cache.Store(new Question("www.example"), 7);
        var stored = new Question("www.example");
        var missing = new Question("no.example");
        for (var i = 0; i < 100_000; i++)       // as often as below: code is compiled anew while it runs, and what that makes is not ours
        {
            Ask(step, stored);
            Ask(step, missing);
        }

        var hits = _cache.Statistics.Hits;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
        {
            Ask(step, stored);
        }

        for (var i = 0; i < 1_000; i++)
        {
            Ask(step, missing);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(100_000, _cache.Statistics.Hits - hits);
    }

    [Fact]
    public void Store_Steadily_AllocatesNothing()
    {
        var questions = Enumerable.Range(0, 2_000).Select(i => new Question($"n{i}.example")).ToArray();
        var responses = Array.ConvertAll(questions, q => new Queries.ResponseBuilder(q.Name, RecordType.A).Address().Build());
        var scrubber = new ResponseScrubber();
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 64 << 10 }, 1);
        StoreAll(cache, scrubber, questions, responses);

        var before = GC.GetAllocatedBytesForCurrentThread();
        StoreAll(cache, scrubber, questions, responses);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(cache.Statistics.Evictions > 1_000);
    }

    private void StoreAll(ResponseCache cache, ResponseScrubber scrubber, Question[] questions, byte[][] responses)
    {
        for (var i = 0; i < questions.Length; i++)
        {
            var context = New(questions[i]);
            scrubber.TryScrub(responses[i], context.Query.Question(context.Message), cache.Limits, out var scrubbed);
            cache.Store(0, context.Key(cache.Seed), scrubbed, context.Now);
        }
    }

    private void Ask(CacheStep step, Question question)
    {
        var context = New(question);
        step.Invoke(ref context);
    }

    private QueryContext New(Question question)
        => new(question.Wire, in _facts, _name, _buffer, _cache.Now) { Target = new ForwardTarget(0, 1), Shard = 0 };
}
