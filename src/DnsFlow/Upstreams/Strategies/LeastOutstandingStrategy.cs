namespace DnsFlow.Upstreams.Strategies;

/// <summary>The server with the fewest questions waiting for an answer, for its weight; among equals in turn.</summary>
internal sealed class LeastOutstandingStrategy : IUpstreamStrategy
{
    private uint _turn = uint.MaxValue;

    public string Name => "leastOutstanding";

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question)
    {
        var begin = (int)(Interlocked.Increment(ref _turn) % (uint)servers.Length);
        var best = -1;
        var least = double.MaxValue;
        for (var i = 0; i < servers.Length; i++)
        {
            var index = begin + i < servers.Length ? begin + i : begin + i - servers.Length;
            if ((candidates >> index & 1) != 0 && Load(servers[index]) is var load && load < least)
            {
                (best, least) = (index, load);
            }
        }

        return best;
    }

    private static double Load(Upstream server) => (double)server.Statistics.Outstanding / server.Weight;
}
