using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <content>What other threads hand over: results, verdicts, queries of streams, listeners that come and go.</content>
internal sealed partial class Shard
{
    private void TakeWork(ForwardingPlan plan, long now)
    {
        for (var i = 0; i < 256 && Queue.TryDequeue(out var work); i++)
        {
            switch (work)
            {
                case ShardWork.TransactionDone done:
                    _forwarder.OnTransaction(done.Token, done.Result, now);
                    break;
                case ShardWork.LaneReplies replies:
                    _forwarder.Lanes.OnReplies(replies.Lane, replies.Batch.Messages, now);
                    replies.Lane.Return(replies.Batch);
                    break;
                case ShardWork.LaneClosed closed:
                    _forwarder.Lanes.OnClosed(closed.Lane, closed.Error, now);
                    break;
                case ShardWork.NetworkChanged change:
                    _forwarder.OnNetworkChanged(change.IsGone);
                    break;
                case ShardWork.StreamQuery query:
                    ForwardStreamQuery(query.Request, now);
                    break;
                case ShardWork.Held held:
                    _responder.Respond(held.Waiter, held.Response, now);
                    break;
                case ShardWork.Verdict verdict:
                    Settle(plan, verdict, now);
                    break;
                case ShardWork.FlowWrite write:
                    WriteToFlow(write, now);
                    break;
                case ShardWork.Listen listen:
                    Listen(listen.Socket, listen.Listener);
                    break;
                case ShardWork.Unlisten unlisten:
                    Unlisten(plan, unlisten, now);
                    break;
                case ShardWork.TurnOver turn:
                    _turningOver.Add(turn.OnDone);
                    break;
                case ShardWork.Task task:
                    _tasks.Add(task.Value);
                    break;
                case ShardWork.FlowEnd end when _flows[end.Flow].Id == end.FlowId:
                    _admission.End(end.Flow, end.Reason);
                    break;
            }
        }
    }

    private void AdvanceTasks()
    {
        for (var i = _tasks.Count - 1; i >= 0; i--)
        {
            if (_tasks[i].Advance(_admission, _services.Cache, _services.Index))
            {
                _tasks.RemoveAt(i);
            }
        }
    }

    private void ForwardStreamQuery(ForwardRequest request, long now)
    {
        Span<byte> lowered = stackalloc byte[WireName.MaxLength];
        var facts = request.Flow;
        var context = new QueryContext(request.Message, in facts, lowered, [], now) { Target = new ForwardTarget(0, request.Partition != 0 ? request.Partition : request.Group.Partition) };
        var question = new Question
        {
            Message = request.Message,
            View = context.Query,
            Key = context.Key(_services.Cache.Seed),
            Group = request.Group,
            BypassCache = request.BypassCache,
            Now = now,
        };
        if (request.IsRefresh)
        {
            _forwarder.Refresh(question);
            return;
        }

        var asker = new WaiterSlot { Flow = -1, ReceivedAt = request.ReceivedAt, Key = facts.Key, Client = ClientTable.Exempt };
        asker.Describe(context.Query, ushort.MaxValue);
        if (_forwarder.TryBegin(question, asker, request) is { } reason)
        {
            _services.Counters.Shed(reason);
            if (request.WantsReview)        // a client's: our own questions have their lines elsewhere
            {
                _services.Plan.Current.Engine.Log?.NoteShed(request.Message, facts, now, reason);
            }

            var response = new byte[context.Query.QuestionEnd + 32];
            var length = DnsResponses.WriteEmpty(request.Message, context.Query, ResponseCode.ServFail, response, ExtendedErrorCode.NetworkError);
            request.Receiver.Deliver(request, new ForwardedResponse(response[..length], QueryOutcome.Shed, ResponseCode.ServFail));
        }
    }

    private void Settle(ForwardingPlan plan, ShardWork.Verdict verdict, long now)
    {
        if (!_admission.TrySettle(verdict.Flow, verdict.FlowId, verdict.Value))
        {
            return;
        }

        var socket = _flows[verdict.Flow].Socket;
        foreach (var datagram in _parked.Settle(verdict.Flow, verdict.Value, plan.FlowHandler.UsesProxyCopier))
        {
            _copier.Copy(plan, _listeners[socket], socket, verdict.Flow, datagram.Payload.Span, now);
        }
    }

    private void WriteToFlow(ShardWork.FlowWrite write, long now)
    {
        ref var slot = ref _flows[write.Flow];
        if (slot.Id != write.FlowId)
        {
            _services.Counters.Ignored(IgnoredReason.Late);
            return;
        }

        var listener = _listeners[slot.Socket];
        write.Datagram.CopyTo(listener.NextBuffer());
        listener.CommitUncounted(write.Datagram.Length, slot.Facts.Key);
        _flows.Touch(write.Flow, now);
    }

    private void Unlisten(ForwardingPlan plan, ShardWork.Unlisten work, long now)
    {
        var socket = _listeners.Find(work.Address);
        if (socket < 0 || !_isListening)
        {
            work.OnClosed();
            return;
        }

        ReceiveQueries(plan, socket, now);      // what was sent before the change is answered
        _listeners.BeginClose(socket, work.OnClosed);
    }

    private void EndFlowsOf(int socket)
    {
        for (var flow = _flows.Oldest; flow >= 0;)
        {
            var next = _flows[flow].Newer;
            if (_flows[flow].Socket == socket)
            {
                _admission.End(flow, FlowCloseReason.ProviderStopped);
            }

            flow = next;
        }
    }
}
