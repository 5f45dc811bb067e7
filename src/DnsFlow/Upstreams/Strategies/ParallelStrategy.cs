namespace DnsFlow.Upstreams.Strategies;

/// <summary>Several servers at once (as many as there may be packets for a question), the fastest first; the first good answer wins.</summary>
internal sealed class ParallelStrategy(ulong seed) : IUpstreamStrategy
{
    private readonly FastestStrategy _fastest = new(seed);

    public string Name => "parallel";

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question) => _fastest.Choose(servers, candidates, question);

    public long Patience(Upstream first) => 0;
}
