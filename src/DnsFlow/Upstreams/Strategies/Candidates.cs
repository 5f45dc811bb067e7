using System.Numerics;

namespace DnsFlow.Upstreams.Strategies;

/// <summary>Walks over the servers a strategy may choose: the bits of a mask.</summary>
internal static class Candidates
{
    /// <summary>The index of the <paramref name="rank"/>-th candidate, from 0.</summary>
    public static int At(ulong candidates, int rank)
    {
        for (; rank > 0; rank--)
        {
            candidates &= candidates - 1;
        }

        return BitOperations.TrailingZeroCount(candidates);
    }

    /// <summary>The index of the lowest candidate, which is taken out of the mask.</summary>
    public static int Take(ref ulong candidates)
    {
        var index = BitOperations.TrailingZeroCount(candidates);
        candidates &= candidates - 1;
        return index;
    }
}
