namespace DnsFlow.Upstreams.Strategies;

/// <summary>One after the other.</summary>
internal sealed class RoundRobinStrategy : IUpstreamStrategy
{
    private uint _turn = uint.MaxValue;

    public string Name => "roundRobin";

    public int Begin(ReadOnlySpan<Upstream> servers) => (int)(Interlocked.Increment(ref _turn) % (uint)servers.Length);
}
