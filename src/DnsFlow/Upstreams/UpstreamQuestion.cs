namespace DnsFlow.Upstreams;

/// <summary>What a strategy may look at.</summary>
/// <param name="name">QNAME in wire form and lower case; empty when it is not known.</param>
/// <param name="now">The monotonic time in microseconds.</param>
internal readonly ref struct UpstreamQuestion(ReadOnlySpan<byte> name, long now)
{
    /// <summary>QNAME in wire form and lower case.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The monotonic time in microseconds.</summary>
    public long Now { get; } = now;
}
