using System.Numerics;

namespace DnsFlow.Upstreams.Strategies;

/// <summary>
/// The faster of two servers taken at random, by smoothed round trip times questions under way. Two and not all: choosing the very fastest makes a herd
/// of all clients, and the slower servers would never be measured again. One question in 64 goes to the first of the two whatever is known of it.
/// </summary>
internal sealed class FastestStrategy(ulong seed) : IUpstreamStrategy
{
    private const uint QuestionsPerTrial = 64;

    private readonly Dice _dice = new(seed);

    public string Name => "fastest";

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question)
    {
        var count = (uint)BitOperations.PopCount(candidates);
        var rank = _dice.Roll(count);
        var first = Candidates.At(candidates, (int)rank);
        if (count == 1 || _dice.Roll(QuestionsPerTrial) == 0)
        {
            return first;
        }

        var second = Candidates.At(candidates, (int)((rank + 1 + _dice.Roll(count - 1)) % count));
        return Cost(servers[first]) <= Cost(servers[second]) ? first : second;
    }

    // A server never heard of costs nothing: it is tried at once.
    private static long Cost(Upstream server) => server.Health.RoundTrip * (1 + server.Statistics.Outstanding);
}
