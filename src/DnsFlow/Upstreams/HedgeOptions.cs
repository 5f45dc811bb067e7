namespace DnsFlow.Upstreams;

/// <summary>When a hedged group asks another server beside the first (<c>DnsFlow:Upstreams:NAME:Hedge</c>).</summary>
public sealed class HedgeOptions
{
    /// <summary>How long the first server has. Null (default): twice its smoothed round trip, at least 10 ms; 120 ms before the first answer. Range 1 ms to 5 s.</summary>
    public TimeSpan? After { get; set; }

    /// <summary>The most extra packets, as a share of the questions of the last ten seconds. Range 0 to 1, default 0.05.</summary>
    public double MaxExtra { get; set; } = 0.05;
}
