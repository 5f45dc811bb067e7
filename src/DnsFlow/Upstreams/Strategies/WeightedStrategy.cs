namespace DnsFlow.Upstreams.Strategies;

/// <summary>At random, each server as often as its weight says (<c>Weights</c>, 1 unless given).</summary>
internal sealed class WeightedStrategy(ulong seed) : IUpstreamStrategy
{
    private readonly Dice _dice = new(seed);

    public string Name => "weighted";

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question)
    {
        uint sum = 0;
        for (var rest = candidates; rest != 0;)
        {
            sum += (uint)servers[Candidates.Take(ref rest)].Weight;
        }

        var point = _dice.Roll(sum);
        while (true)
        {
            var index = Candidates.Take(ref candidates);
            var weight = (uint)servers[index].Weight;
            if (point < weight || candidates == 0)
            {
                return index;
            }

            point -= weight;
        }
    }
}
