using DnsFlow.Copying;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Tests.Flows;
using DnsFlow.Transports.Memory;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Copying;

/// <summary>A claimed stream flow in memory and what its copier is given: every query is answered NXDOMAIN at once, or forwarded to who only takes note of it.</summary>
internal sealed class StreamHarness : IQueryForwarder
{
    public StreamHarness(bool forwards = false, FlowLimitOptions? limits = null, int capacity = 64 << 10)
    {
        (Flow, Client, _) = TestFlows.Stream(capacity);
        Flow.Decide(FlowVerdict.Claim);
        var clock = new MonotonicClock(Time);
        Services = new StreamServices
        {
            Plan = new PlanReference(new ForwardingPlan
            {
                Engine = new QueryEngine([new ValidationStep(null), new FixedStep(forwards)]),
                FlowHandler = new FixedFlowHandler(FlowVerdict.Claim),
                Groups = [],
                SystemGroup = new UpstreamGroup("system", 1, new UpstreamGroupOptions(), new UpstreamServers([])),
                Access = [new NetworkSet(NetworkSet.LoopbackAndPrivate)],
            }),
            Forwarders = [this],
            Detours = new DetourRunner(clock, 1, NullLogger.Instance),
            Clock = clock,
            Limits = new LimitOptions { PerFlow = limits ?? new FlowLimitOptions() },
            Counters = Counters,
            Memory = Memory,
            Seed = 1,
            Logger = NullLogger.Instance,
        };
    }

    public ManualTimeProvider Time { get; } = new();

    public MemoryPool Memory { get; } = new(1 << 20);

    public TrafficCounters Counters { get; } = new(1, shared: true);

    public StreamServices Services { get; }

    public StreamFlow Flow { get; }

    public MemoryStreamTransport Client { get; }

    /// <summary>What was forwarded.</summary>
    public List<ForwardRequest> Requests { get; } = [];

    public bool TryForward(ForwardRequest request)
    {
        Requests.Add(request);
        return true;
    }

    /// <summary>The way back of the flow, which is open.</summary>
    public StreamOutput OpenOutput()
    {
        Assert.True(Flow.TryOpen());
        return new StreamOutput(Flow, Services);
    }

    /// <summary>Begins a question on a way back, as a copier does.</summary>
    public ForwardRequest Begin(StreamOutput output, string name)
    {
        var context = new QueryContext(Wire.Query(name), in Flow.FactsInPlace, stackalloc byte[WireName.MaxLength], new byte[512], Services.Clock.Now);
        return output.Begin(Services.Plan.Current, context);
    }

    /// <summary>A shard delivers a response.</summary>
    public static void Deliver(ForwardRequest request, params byte[] response)
        => request.Receiver.Deliver(request, new ForwardedResponse(response, QueryOutcome.Forwarded, ResponseCode.NoError));

    private sealed class FixedStep(bool forwards) : IQueryStep
    {
        public string Name => "fixed";

        public StepResult Invoke(ref QueryContext context)
            => forwards ? StepResult.Forward : context.AnswerEmpty(ResponseCode.NXDomain, QueryOutcome.Local);
    }
}
