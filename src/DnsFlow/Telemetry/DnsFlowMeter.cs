using System.Diagnostics.Metrics;

namespace DnsFlow.Telemetry;

/// <summary>
/// The metrics as instruments of the meter <c>DnsFlow</c>: names with dots and without the ending <c>_total</c>, as OpenTelemetry
/// has them. Distributions cannot be observed this way and stand in the Prometheus text only. Costs nothing until somebody listens.
/// </summary>
public sealed class DnsFlowMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "DnsFlow";

    private readonly Meter _meter = new(Name);
    private readonly Func<StatsSnapshot> _snapshot;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private StatsSnapshot? _last;
    private long _taken;

    /// <summary>Makes the instruments over <paramref name="snapshot"/>, which is asked once per collection.</summary>
    public DnsFlowMeter(Func<StatsSnapshot> snapshot, TimeProvider? time = null)
    {
        (_snapshot, _time) = (snapshot, time ?? TimeProvider.System);
        foreach (var metric in Metrics.All)
        {
            Register(metric);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Whether an instrument is one of this meter's, and not of another proxy's in the same process.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    private void Register(Metric metric)
    {
        var name = InstrumentName(metric.Name);
        switch (metric.Kind)
        {
            case MetricKind.Counter:
                _meter.CreateObservableCounter(name, () => Read(metric), null, metric.Help);
                break;
            case MetricKind.Gauge:
                _meter.CreateObservableGauge(name, () => Read(metric), null, metric.Help);
                break;
        }
    }

    private static string InstrumentName(string name)
        => name.Replace('_', '.') is var dotted && dotted.EndsWith(".total", StringComparison.Ordinal) ? dotted[..^".total".Length] : dotted;

    private List<Measurement<double>> Read(Metric metric)
    {
        var sink = new Sink();
        metric.Read(Snapshot(), sink);
        return sink.Measurements;
    }

    // One collection reads all instruments in a row; they shall show the same moment and sum up once.
    private StatsSnapshot Snapshot()
    {
        lock (_lock)
        {
            if (_last is null || _time.GetElapsedTime(_taken) > TimeSpan.FromMilliseconds(100))
            {
                (_last, _taken) = (_snapshot(), _time.GetTimestamp());
            }

            return _last;
        }
    }

    private sealed class Sink : IMetricSink
    {
        public List<Measurement<double>> Measurements { get; } = [];

        public void Value(double value, params ReadOnlySpan<(string Name, string Value)> labels)
        {
            var tags = new KeyValuePair<string, object?>[labels.Length];
            for (var i = 0; i < labels.Length; i++)
            {
                tags[i] = new(labels[i].Name, labels[i].Value);
            }

            Measurements.Add(new Measurement<double>(value, tags));
        }

        public void Histogram(ReadOnlySpan<long> counts, long sumMicroseconds, params ReadOnlySpan<(string Name, string Value)> labels)
        {
        }
    }
}
