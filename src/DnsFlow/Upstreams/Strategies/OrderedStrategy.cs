using System.Numerics;

namespace DnsFlow.Upstreams.Strategies;

/// <summary>The first server of the list that is up; back to an earlier one as soon as it answers a probe.</summary>
internal sealed class OrderedStrategy : IUpstreamStrategy
{
    public string Name => "ordered";

    public bool IsSteady => true;

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question) => BitOperations.TrailingZeroCount(candidates);
}
