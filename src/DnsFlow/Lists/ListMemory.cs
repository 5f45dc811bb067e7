namespace DnsFlow.Lists;

/// <summary>
/// Gives back what the reading of lists has left behind. A proxy that is running allocates next to nothing, so the collector would not come by itself for days, and the
/// list from before would stay as long.
/// </summary>
internal static class ListMemory
{
    /// <summary>Below this it is not worth the pause of some milliseconds.</summary>
    public const long LeastBytes = 4 << 20;

    // A host with a large heap of its own is not held up for our sake: it collects by itself.
    private const int LeastShare = 4;

    /// <summary>Collects after lists of so many octets were read, if they are a good part of what the process has.</summary>
    public static void Settle(long newBytes)
    {
        if (newBytes >= LeastBytes && newBytes >= GC.GetTotalMemory(forceFullCollection: false) / LeastShare)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
