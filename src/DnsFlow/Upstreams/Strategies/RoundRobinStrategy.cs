using System.Numerics;

namespace DnsFlow.Upstreams.Strategies;

/// <summary>One after the other; whoever is down is passed over, and its turn goes to the next.</summary>
internal sealed class RoundRobinStrategy : IUpstreamStrategy
{
    private uint _turn = uint.MaxValue;

    public string Name => "roundRobin";

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question)
    {
        var begin = (int)(Interlocked.Increment(ref _turn) % (uint)servers.Length);
        var fromHere = candidates >> begin << begin;
        return BitOperations.TrailingZeroCount(fromHere != 0 ? fromHere : candidates);
    }
}
