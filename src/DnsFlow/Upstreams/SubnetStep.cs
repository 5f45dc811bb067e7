using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Upstreams;

/// <summary>
/// The step between the policy and the cache that says for which network a question is asked, as the group or a rule has it. Who asks with a prefix of 0 wants nothing told, and is
/// heard (RFC 7871 section 7.1.2); private addresses are not told.
/// </summary>
internal sealed class SubnetStep(ImmutableArray<SubnetPolicy> groups, SubnetTable table) : IQueryStep
{
    private readonly NetworkSet _private = new(NetworkSet.LoopbackAndPrivate);

    /// <inheritdoc/>
    public string Name => "subnet";

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context)
    {
        if (context.Target.Group < 0 || (context.SubnetPolicy ?? groups[context.Target.Group]) is not { Mode: not SubnetMode.Strip } policy)
        {
            return StepResult.Continue;
        }

        var says = OptRecord.TryFind(context.Query.Options(context.Message), EdnsOptionCode.ClientSubnet, out var data);
        if (!SubnetOption.TryRead(data, out var own) && says)
        {
            return context.AnswerEmpty(ResponseCode.FormErr, QueryOutcome.Invalid);
        }

        if ((!says || own.Prefix > 0) && Choose(policy, says ? own : null, context.Flow.Key.Local) is { } subnet)
        {
            context.Target = context.Target with { Partition = table.PartitionOf(context.Target.Partition, subnet) };
            context.EchoedSubnet = says && subnet == own ? context.Target.Partition : 0;
        }

        return StepResult.Continue;
    }

    private SubnetOption? Choose(SubnetPolicy policy, SubnetOption? own, in FlowEndpoint client) => policy.Mode switch
    {
        SubnetMode.Keep => own is { } said && said.Prefix <= (said.IsIPv4 ? policy.IPv4Prefix : policy.IPv6Prefix) ? own : null,
        _ => policy.Fixed ?? (_private.Contains(client) ? null : SubnetOption.Of(client, policy.IPv4Prefix, policy.IPv6Prefix)),
    };
}
