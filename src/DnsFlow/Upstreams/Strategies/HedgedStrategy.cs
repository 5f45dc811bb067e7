namespace DnsFlow.Upstreams.Strategies;

/// <summary>
/// The fastest first; when it has not answered after <see cref="HedgeOptions.After"/>, another one is asked beside it, and the first good answer wins. The extra
/// packets are bounded by <see cref="HedgeOptions.MaxExtra"/>.
/// </summary>
internal sealed class HedgedStrategy(ulong seed, HedgeOptions options) : IUpstreamStrategy
{
    private const long Unknown = 120_000, Shortest = 10_000;

    private readonly FastestStrategy _fastest = new(seed);
    private readonly long? _after = options.After?.Ticks / TimeSpan.TicksPerMicrosecond;

    public string Name => "hedged";

    public int Choose(ReadOnlySpan<Upstream> servers, ulong candidates, in UpstreamQuestion question) => _fastest.Choose(servers, candidates, question);

    public long Patience(Upstream first)
        => _after ?? (first.Health.RoundTrip is var roundTrip and > 0 ? Math.Max(Shortest, 2 * roundTrip) : Unknown);
}
