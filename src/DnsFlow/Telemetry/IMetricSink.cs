namespace DnsFlow.Telemetry;

/// <summary>Takes the values of one metric.</summary>
internal interface IMetricSink
{
    /// <summary>One value.</summary>
    void Value(double value, params ReadOnlySpan<(string Name, string Value)> labels);

    /// <summary>One distribution: counts by bucket of <see cref="LatencyHistogram"/> and the sum of all durations.</summary>
    void Histogram(ReadOnlySpan<long> counts, long sumMicroseconds, params ReadOnlySpan<(string Name, string Value)> labels);
}
