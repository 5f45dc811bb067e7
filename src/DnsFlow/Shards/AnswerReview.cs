using System.Buffers.Binary;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// Asks the answer rules about a response that is ready for one waiter. The rules want to see the query it answers: what a waiter keeps of it is enough to write it
/// once more. Asked only when there are answer rules.
/// </summary>
internal sealed class AnswerReview(ShardServices services, ShardQueue queue, WaiterTable waiters)
{
    private readonly byte[] _query = new byte[UpstreamQueryWriter.MaxLength];
    private readonly byte[] _name = new byte[WireName.MaxLength];

    /// <summary>
    /// Reviews the response in <paramref name="buffer"/>. <see cref="StepResult.Answered"/>: it may go, as the references say now. <see cref="StepResult.Dropped"/>: nothing
    /// goes. <see cref="StepResult.Detour"/>: it goes later.
    /// </summary>
    public StepResult Invoke(int waiter, UpstreamGroup group, Span<byte> buffer, ref int length, ref QueryOutcome outcome, ref ResponseCode code, long now)
    {
        ref var slot = ref waiters[waiter];
        var plan = services.Plan.Current;
        var request = waiters.Request(waiter);
        if (plan.Engine.Review is not { } review || request is { WantsReview: false })
        {
            return StepResult.Answered;
        }

        var facts = request?.Flow ?? new FlowFacts(slot.Key, slot.Listener);
        var context = new QueryContext(request?.Message ?? WriteQuery(waiter), in facts, _name, buffer, now)
        {
            ResponseLength = length,
            Outcome = outcome,
            ResponseCode = code,
        };
        var result = review.Invoke(ref context);
        (length, outcome, code) = (context.ResponseLength, context.Outcome, context.ResponseCode);
        if (result == StepResult.Detour)
        {
            Start(plan, waiter, request, group, context);
        }

        return result;
    }

    private void Start(ForwardingPlan plan, int waiter, ForwardRequest? request, UpstreamGroup group, in QueryContext context)
    {
        if (request is not null)
        {
            waiters.Release(waiter);
        }

        services.Detours.Start(
            plan,
            request ?? new ForwardRequest
            {
                Message = context.Message.ToArray(),
                Flow = context.Flow,
                Group = group,
                ReceivedAt = waiters[waiter].ReceivedAt,
                Receiver = new HeldQuery(queue, waiter),
            },
            context.Detour!,
            isReviewed: true);
    }

    private ReadOnlySpan<byte> WriteQuery(int waiter)
    {
        ref var slot = ref waiters[waiter];
        var question = waiters.Question(waiter);
        new DnsHeader(slot.Id, slot.Flags, 1, 0, 0, (ushort)(slot.HasEdns ? 1 : 0)).Write(_query);
        question.CopyTo(_query.AsSpan(DnsHeader.Size));
        var opt = _query.AsSpan(DnsHeader.Size + question.Length, DnsResponses.OptSize);
        opt.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], (ushort)RecordType.OPT);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], (ushort)slot.MaxSize);
        opt[7] = (byte)(slot.DnssecOk ? 0x80 : 0);
        return _query.AsSpan(0, DnsHeader.Size + question.Length + (slot.HasEdns ? DnsResponses.OptSize : 0));
    }
}
