using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>Gives the result of a question to everybody who waits for it, each with its own ID, letter case, flags and size.</summary>
internal sealed class WaiterResponder(
    ShardServices services, WaiterTable waiters, FlowTable flows, ClientTable clients, ShardListeners listeners, AnswerReview review)
{
    private readonly byte[] _streamBuffer = new byte[ushort.MaxValue];
    private readonly DrainQueue _drain = new(clients, waiters);

    /// <summary>The flows the waiters belong to.</summary>
    public FlowTable Flows => flows;

    /// <summary>Milliseconds until a response that waits its turn may leave; -1 = none does.</summary>
    public int MillisecondsToNext(long now) => _drain.MillisecondsToNext(now);

    /// <summary>Sends responses that waited their turn; with <paramref name="all"/> every one.</summary>
    public void Drain(long now, bool all = false)
    {
        if (_drain.Count > 0)
        {
            _drain.Drain(SendHeld, now, all);
        }
    }

    /// <summary>Sends a response of a group to a waiter and forgets it, unless an answer rule takes it on a detour.</summary>
    public void Respond(int waiter, in ScrubbedResponse response, QueryOutcome outcome, UpstreamGroup group, long now)
    {
        ref var slot = ref waiters[waiter];
        if (slot.Flow == WaiterSlot.Nobody)
        {
            waiters.Release(waiter);
            return;
        }

        var destination = Destination(slot);
        var length = ResponseWriter.Write(
            response.Message, response.TtlOffsets, ageSeconds: 0, slot.Id, slot.Flags, waiters.Question(waiter), slot.HasEdns, slot.DnssecOk,
            Math.Min(slot.MaxSize, destination.Length), response.Code, response.Error, destination);
        var code = response.Code;
        switch (review.Invoke(waiter, group, destination, ref length, ref outcome, ref code, now))
        {
            case StepResult.Answered:
                Finish(waiter, destination[..length], outcome, code, now);
                break;
            case StepResult.Dropped:
                Drop(waiter, outcome, now, services.Counters);
                break;
        }
    }

    /// <summary>Sends what came back from a detour to a waiter and forgets it.</summary>
    public void Respond(int waiter, in ForwardedResponse response, long now)
    {
        if (response.Message.Length == 0)
        {
            Drop(waiter, response.Outcome, now, services.Counters);
            return;
        }

        var destination = Destination(waiters[waiter]);
        response.Message.CopyTo(destination);
        Finish(waiter, destination[..response.Message.Length], response.Outcome, response.Code, now);
    }

    /// <summary>Sends a response without records to a waiter and forgets it.</summary>
    public void RespondEmpty(int waiter, ResponseCode code, ExtendedErrorCode error, QueryOutcome outcome, long now)
    {
        ref var slot = ref waiters[waiter];
        if (slot.Flow == WaiterSlot.Nobody)
        {
            waiters.Release(waiter);
            return;
        }

        var destination = Destination(slot);
        var length = DnsResponses.WriteEmpty(
            slot.Id, slot.Flags, waiters.Question(waiter), slot.HasEdns, slot.DnssecOk, code, destination, error);
        Finish(waiter, destination[..length], outcome, code, now);
    }

    /// <summary>Relays a passed flow's response byte for byte.</summary>
    public void Relay(int waiter, ReadOnlySpan<byte> response, long now)
    {
        var destination = Destination(waiters[waiter]);
        response.CopyTo(destination);
        DnsHeader.TryRead(response, out var header);
        Finish(waiter, destination[..response.Length], QueryOutcome.Passed, header.ResponseCode, now);
    }

    /// <summary>Forgets a waiter without a response.</summary>
    public void Drop(int waiter, QueryOutcome outcome, long now, TrafficCounters counters)
    {
        ref var slot = ref waiters[waiter];
        if (slot.Flow < 0)
        {
            Finish(waiter, default, outcome, ResponseCode.ServFail, now);
            return;
        }

        counters.QueryFinished(slot.Listener, outcome, ResponseCode.ServFail, now - slot.ReceivedAt);
        Release(waiter, now);
    }

    private Span<byte> Destination(in WaiterSlot slot) => slot.Flow < 0 ? _streamBuffer : listeners[slot.Socket].NextBuffer();

    private void Finish(int waiter, ReadOnlySpan<byte> response, QueryOutcome outcome, ResponseCode code, long now)
    {
        ref var slot = ref waiters[waiter];
        if (waiters.Request(waiter) is { } request)
        {
            waiters.Release(waiter);
            request.Receiver.Deliver(request, new ForwardedResponse(response.ToArray(), outcome, code));
            return;
        }

        if (_drain.MayLeave(waiter, response, outcome, code, now))
        {
            Send(waiter, response.Length, outcome, code, now);
        }
    }

    private void SendHeld(DrainQueue.Held held, long now)
    {
        held.Response.CopyTo(Destination(waiters[held.Waiter]));
        Send(held.Waiter, held.Response.Length, held.Outcome, held.Code, now);
    }

    /// <summary>Sends the response that lies in the listener's buffer.</summary>
    private void Send(int waiter, int length, QueryOutcome outcome, ResponseCode code, long now)
    {
        ref var slot = ref waiters[waiter];
        if (slot.EchoedSubnet != 0)
        {
            length = services.Plan.Current.Subnets.Append(slot.EchoedSubnet, isResponse: true, listeners[slot.Socket].NextBuffer(), length);
        }

        if (slot.Cookie.IsPresent && services.Plan.Current.Cookies is { } cookies)
        {
            length = cookies.Complete(slot.Cookie, slot.Key.Local, isDatagram: true, listeners[slot.Socket].NextBuffer(), length, ref code);
        }

        listeners[slot.Socket].Commit(length, slot.Key, slot.ReceivedAt, outcome, code);
        if (flows[slot.Flow].Id == slot.FlowId)
        {
            flows[slot.Flow].LastAnswer = new LastAnswer(outcome, code);
        }

        Release(waiter, now);
    }

    private void Release(int waiter, long now)
    {
        ref var slot = ref waiters[waiter];
        clients.EndQuery(slot.Client);
        listeners[slot.Socket].InFlight--;
        if (flows[slot.Flow].Id == slot.FlowId)
        {
            flows[slot.Flow].InFlight--;
            flows.Touch(slot.Flow, now);
        }

        waiters.Release(waiter);
    }
}
