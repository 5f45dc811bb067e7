namespace DnsFlow.Upstreams.Strategies;

/// <summary>
/// Random numbers for choosing servers: one atomic addition and a mix. Any thread; the same seed gives the same sequence. Nothing secret comes from here.
/// </summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next number below <paramref name="bound"/> (at least 1).</summary>
    public uint Roll(uint bound)
    {
        // SplitMix64: the steps of a Weyl sequence, each mixed.
        var z = Interlocked.Add(ref _state, 0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (uint)(((z >> 32) * bound) >> 32);
    }
}
