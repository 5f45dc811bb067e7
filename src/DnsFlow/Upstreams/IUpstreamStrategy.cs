namespace DnsFlow.Upstreams;

/// <summary>
/// Who is asked, and how soon another server is asked beside the first. Groups name a strategy by its <see cref="Name"/>; to add one, write a class and list
/// it in <see cref="UpstreamStrategies"/>. Called for every question, from any thread; must not allocate.
/// </summary>
internal interface IUpstreamStrategy
{
    /// <summary>The name in the configuration.</summary>
    string Name { get; }

    /// <summary>
    /// Picks one of the servers whose bit is set in <paramref name="candidates"/>, which is not 0, and returns its index. Those without a bit are down, were
    /// asked already, or are left for later.
    /// </summary>
    int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question);

    /// <summary>Whether it picks the same server again while nothing changes, so that what it would pick can be told beforehand.</summary>
    bool IsSteady => false;

    /// <summary>
    /// How long the first server has before another one is asked beside it, in microseconds: 0 = both at once; <see cref="long.MaxValue"/> = until its
    /// attempt is over, as in every group.
    /// </summary>
    long Patience(Upstream first) => long.MaxValue;
}
