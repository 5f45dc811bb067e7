using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Shards;

/// <summary>
/// Moves the datagrams of flows: finds the flow, lets the engine decide, and answers at once or hands the question on. It holds nothing from one
/// datagram to the next, so a flow costs no more than its slot.
/// </summary>
internal sealed partial class DatagramCopier(
    ShardServices services, FlowAdmission admission, ClientTable clients, QuestionForwarder forwarder, ParkedFlows parked, DatagramDetours detours)
{
    private const int BatchSize = 32;

    // The slot behind the batch's is for datagrams that had to wait for their flow's verdict.
    private readonly QueryBatch _queries = new(services.Cache, admission.Flows, services.Index, BatchSize + 1);

    /// <summary>The datagrams of clients that one call received.</summary>
    public void Receive(ForwardingPlan plan, ShardListener listener, int socket, DatagramBatch batch, int count, long now)
    {
        _queries.Read(batch, count, plan.Lists);
        for (var i = 0; i < count; i++)
        {
            // A datagram longer than a slot is no query we take: parsing its first part says FORMERR.
            Receive(plan, listener, socket, batch[i], i, batch.Payload(i), now);
        }

        _queries.End();
    }

    /// <summary>Copies one datagram of a flow that has been decided since it came.</summary>
    public void Copy(ForwardingPlan plan, ShardListener listener, int socket, int flow, ReadOnlySpan<byte> payload, long now)
    {
        _queries.Parse(BatchSize, payload);
        Copy(plan, listener, socket, flow, BatchSize, payload, now);
    }

    private void Receive(
        ForwardingPlan plan, ShardListener listener, int socket, in DatagramSlot datagram, int query, ReadOnlySpan<byte> payload, long now)
    {
        if (IgnoreReason(plan, listener, datagram, payload) is { } ignored)
        {
            services.Counters.Ignored(ignored);
            return;
        }

        var facts = new FlowFacts(new FlowKey(FlowTransport.Udp, datagram.Remote, datagram.Local), listener.Listener);
        var flow = admission.FindOrAdmit(facts, _queries[query].FlowHash, socket, plan.FlowHandler, payload, now);
        if (flow < 0)
        {
            return;
        }

        admission.Flows.Touch(flow, now);
        ref var slot = ref admission.Flows[flow];
        if (slot.State == FlowState.Closed)
        {
            if (!parked.TryPark(flow, payload))
            {
                services.Counters.Shed(ShedReason.FlowWaiting);
            }
        }
        else if (slot.HasObject && parked.TryDeliver(flow, payload, out var delivery))
        {
            if (delivery == DatagramDelivery.Full)
            {
                services.Counters.Shed(ShedReason.FlowWaiting);
            }
        }
        else
        {
            Copy(plan, listener, socket, flow, query, payload, now);
        }
    }

    private void Copy(ForwardingPlan plan, ShardListener listener, int socket, int flow, int query, ReadOnlySpan<byte> payload, long now)
    {
        ref var slot = ref admission.Flows[flow];
        if (slot.Verdict == FlowVerdict.Discard)
        {
            services.Counters.Ignored(IgnoredReason.Discarded);
            return;
        }

        ref readonly var parsed = ref _queries[query];
        var context = new QueryContext(
            payload, parsed.Status, parsed.View, _queries.Name(query), in slot.Facts, listener.NextBuffer(), now, parsed.NameHash, services.Index)
        {
            Lists = _queries.Lists(query),
        };
        services.Counters.QueryReceived(listener.Listener, (int)FlowTransport.Udp, context.Query.Type);
        if (!clients.TryTakeToken(slot.Client, now) && !TryTakeByCookie(ref context, plan, slot))
        {
            Shed(ref context, listener, ref slot, ShedReason.ClientRate, slips: clients.TakeSlip(slot.Client));
        }
        else if (slot.Verdict == FlowVerdict.Pass)
        {
            plan.Engine.Log?.NotePassed(context);
            Forward(ref context, listener, socket, flow, plan.SystemGroup, isPassed: true);
        }
        else
        {
            Decide(ref context, plan, listener, socket, flow);
        }
    }

    private static IgnoredReason? IgnoreReason(ForwardingPlan plan, ShardListener listener, in DatagramSlot datagram, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < DnsHeader.Size)
        {
            return IgnoredReason.TooShort;
        }

        if ((payload[2] & 0x80) != 0)
        {
            return IgnoredReason.NotAQuery;
        }

        if (datagram.Remote.Port == 0 || datagram.Remote == datagram.Local)
        {
            return IgnoredReason.ImpossibleSource;
        }

        return plan.Access[listener.Listener].Contains(datagram.Remote) ? null : IgnoredReason.NotAllowed;
    }

    private void Decide(ref QueryContext context, ForwardingPlan plan, ShardListener listener, int socket, int flow)
    {
        StepResult result;
        try
        {
            result = plan.Engine.Decide(ref context);
        }
        catch (Exception exception)
        {
            // A step of ours or of a host has a fault: this query gets SERVFAIL, the loop goes on.
            Log.EngineFault(services.Logger, exception);
            result = context.AnswerEmpty(ResponseCode.ServFail, QueryOutcome.Failed, ExtendedErrorCode.Other);
        }

        if (context.Target.Group >= 0)
        {
            _queries.LikelyPartition = context.Target.Partition;
        }

        if (context.WantsRefresh)
        {
            forwarder.Refresh(Question(context, plan.Groups[context.Target.Group], isPassed: false));
        }

        detours.Mirror(plan, context);
        ref var slot = ref admission.Flows[flow];
        switch (result)
        {
            case StepResult.Answered:
                Commit(ref context, listener, ref slot, context.Outcome);
                break;
            case StepResult.Forward:
                Forward(ref context, listener, socket, flow, plan.Groups[context.Target.Group], isPassed: false);
                break;
            case StepResult.Detour:
                Detour(ref context, plan, listener, socket, flow);
                break;
            default:
                services.Counters.QueryFinished(listener.Listener, context.Outcome, context.ResponseCode, 0);
                break;
        }
    }

    private void Forward(ref QueryContext context, ShardListener listener, int socket, int flow, UpstreamGroup group, bool isPassed)
    {
        if (!TryAdmit(ref context, listener, flow))
        {
            return;
        }

        if (forwarder.TryBegin(Question(context, group, isPassed), Asker(context, listener, socket, flow), request: null) is { } reason)
        {
            Refuse(ref context, listener, flow, reason);
        }
    }

    private Question Question(in QueryContext context, UpstreamGroup group, bool isPassed) => new()
    {
        Message = context.Message,
        View = context.Query,
        Key = context.Key(services.Cache.Seed),
        Group = group,
        BypassCache = context.BypassCache || isPassed,
        IsPassed = isPassed,
        Now = context.Now,
    };

    private void Detour(ref QueryContext context, ForwardingPlan plan, ShardListener listener, int socket, int flow)
    {
        if (TryAdmit(ref context, listener, flow) && !detours.TryBegin(plan, context, Asker(context, listener, socket, flow)))
        {
            Refuse(ref context, listener, flow, ShedReason.InFlightFull);
        }
    }

    /// <summary>Takes a place among the flow's and the client's queries in flight, or turns the query away.</summary>
    private bool TryAdmit(ref QueryContext context, ShardListener listener, int flow)
    {
        ref var slot = ref admission.Flows[flow];
        if (slot.InFlight >= services.Limits.PerFlow.InFlight)
        {
            Shed(ref context, listener, ref slot, ShedReason.FlowInFlight, answers: false);
            return false;
        }

        if (!clients.TryBeginQuery(slot.Client))
        {
            Shed(ref context, listener, ref slot, ShedReason.ClientInFlight);
            return false;
        }

        slot.InFlight++;
        listener.InFlight++;
        return true;
    }

    private void Refuse(ref QueryContext context, ShardListener listener, int flow, ShedReason reason)
    {
        ref var slot = ref admission.Flows[flow];
        slot.InFlight--;
        listener.InFlight--;
        clients.EndQuery(slot.Client);
        Shed(ref context, listener, ref slot, reason);
    }

    private WaiterSlot Asker(in QueryContext context, ShardListener listener, int socket, int flow)
    {
        ref var slot = ref admission.Flows[flow];
        var asker = new WaiterSlot
        {
            Flow = flow,
            FlowId = slot.Id,
            Socket = socket,
            Listener = listener.Listener,
            Client = slot.Client,
            ReceivedAt = context.Now,
            Key = slot.Facts.Key,
            Cookie = context.Cookie,
            EchoedSubnet = context.EchoedSubnet,
        };
        asker.Describe(context.Query, context.MaxResponseSize);
        return asker;
    }

    /// <summary>Turns a query away: SERVFAIL, nothing, or (a slip) a truncated answer that a real client repeats over TCP.</summary>
    private void Shed(ref QueryContext context, ShardListener listener, ref FlowSlot slot, ShedReason reason, bool answers = true, bool slips = false)
    {
        services.Counters.Shed(reason);
        services.Plan.Current.Engine.Log?.NoteShed(context.Message, context.Flow, context.Now, reason);
        if (reason == ShedReason.ClientRate ? !slips : !answers)
        {
            services.Counters.QueryFinished(listener.Listener, QueryOutcome.Shed, ResponseCode.ServFail, 0);
            return;
        }

        if (slips && context.Cookie.State == CookieState.Unproved && services.Plan.Current.Cookies is { Demand: not CookieDemand.Never })
        {
            context.AnswerEmpty(ResponseCode.BadCookie, QueryOutcome.Shed);     // with the cookie that it needs
        }
        else if (slips)
        {
            context.AnswerEmpty(ResponseCode.NoError, QueryOutcome.Shed, truncated: true);
        }
        else
        {
            context.AnswerEmpty(ResponseCode.ServFail, QueryOutcome.Shed, ExtendedErrorCode.NetworkError);
        }

        Commit(ref context, listener, ref slot, QueryOutcome.Shed);
    }

    /// <summary>Who shows a good cookie has not forged its address, and may ask ten times as much as that address otherwise may (RFC 7873 section 5.2.5).</summary>
    private bool TryTakeByCookie(ref QueryContext context, ForwardingPlan plan, in FlowSlot slot)
    {
        if (plan.Cookies is not { } cookies || context.Status != QueryStatus.Ok || context.Query.OptionsLength == 0)
        {
            return false;
        }

        context.Cookie = cookies.Read(context.Message, context.Query, slot.Facts.Key.Local);
        return context.Cookie.State == CookieState.Proved && clients.TryTakeToken(slot.Client, context.Now, cost: 0.1);
    }

    private void Commit(ref QueryContext context, ShardListener listener, ref FlowSlot slot, QueryOutcome outcome)
    {
        if (context.EchoedSubnet != 0)
        {
            context.ResponseLength = services.Plan.Current.Subnets.Append(context.EchoedSubnet, isResponse: true, context.Response, context.ResponseLength);
        }

        if (context.Cookie.IsPresent && services.Plan.Current.Cookies is { } cookies)
        {
            var code = context.ResponseCode;
            context.ResponseLength = cookies.Complete(context.Cookie, slot.Facts.Key.Local, isDatagram: true, context.Response, context.ResponseLength, ref code);
            context.ResponseCode = code;
        }

        slot.LastAnswer = new LastAnswer(outcome, context.ResponseCode);
        listener.Commit(context.ResponseLength, slot.Facts.Key, context.Now, outcome, context.ResponseCode);
    }

    private static partial class Log
    {
        [LoggerMessage(510, LogLevel.Error, "A step of the query engine threw; the query was answered SERVFAIL.")]
        public static partial void EngineFault(ILogger logger, Exception exception);
    }
}
