using DnsFlow.Protocol;

namespace DnsFlow.Upstreams.Strategies;

/// <summary>
/// The same name to the same server, so that the servers' caches do not hold everything twice; when one is down only its names move (highest random
/// weight). Restarts and other proxies with the same list choose alike.
/// </summary>
internal sealed class ConsistentHashStrategy : IUpstreamStrategy
{
    private const ulong Seed = 0x6A09_E667_F3BC_C908;     // any constant: it must be the same everywhere

    public string Name => "consistentHash";

    public bool IsSteady => true;

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question)
    {
        var name = WireName.Hash(question.Name, Seed);
        var best = -1;
        ulong highest = 0;
        while (candidates != 0)
        {
            var index = Candidates.Take(ref candidates);
            var weight = WireName.Mix(name, servers[index].StableHash);
            if (best < 0 || weight > highest)
            {
                (best, highest) = (index, weight);
            }
        }

        return best;
    }
}
