using System.Globalization;
using System.Text;

namespace DnsFlow.Telemetry;

/// <summary>Writes a snapshot in Prometheus' text exposition format 0.0.4.</summary>
public static class PrometheusText
{
    /// <summary>The media type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes all metrics.</summary>
    public static string Write(StatsSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var text = new StringBuilder(16 << 10);
        foreach (var metric in Metrics.All)
        {
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(EscapeHelp(metric.Help)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(Kind(metric.Kind)).Append('\n');
            metric.Read(snapshot, new Sink(text, metric.Name));
        }

        return text.ToString();
    }

    private static string Kind(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };

    private static string EscapeHelp(string help) => help.Replace("\\", "\\\\").Replace("\n", "\\n");

    private sealed class Sink(StringBuilder text, string name) : IMetricSink
    {
        // Powers of two from 64 us to 8.4 s are bounds of the histogram's own buckets, so nothing is guessed.
        private const int FirstPower = 6, LastPower = 23;

        public void Value(double value, params ReadOnlySpan<(string Name, string Value)> labels) => Line("", labels, null, value);

        public void Histogram(ReadOnlySpan<long> counts, long sumMicroseconds, params ReadOnlySpan<(string Name, string Value)> labels)
        {
            var (below, bucket) = (0L, 0);
            for (var power = FirstPower; power <= LastPower; power++)
            {
                for (; bucket < counts.Length && LatencyHistogram.UpperBound(bucket) <= 1L << power; bucket++)
                {
                    below += counts[bucket];
                }

                Line("_bucket", labels, Number((1L << power) / 1e6), below);
            }

            for (; bucket < counts.Length; bucket++)
            {
                below += counts[bucket];
            }

            Line("_bucket", labels, "+Inf", below);
            Line("_sum", labels, null, sumMicroseconds / 1e6);
            Line("_count", labels, null, below);
        }

        private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

        private void Line(string suffix, ReadOnlySpan<(string Name, string Value)> labels, string? bound, double value)
        {
            text.Append(name).Append(suffix);
            var separator = '{';
            foreach (var (label, labelled) in labels)
            {
                Label(label, labelled, ref separator);
            }

            if (bound is not null)
            {
                Label("le", bound, ref separator);
            }

            text.Append(separator == '{' ? "" : "}").Append(' ').Append(Number(value)).Append('\n');
        }

        private void Label(string label, string value, ref char separator)
        {
            text.Append(separator).Append(label).Append("=\"");
            separator = ',';
            foreach (var character in value)
            {
                _ = character switch
                {
                    '\\' => text.Append("\\\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append("\\n"),
                    _ => text.Append(character),
                };
            }

            text.Append('"');
        }
    }
}
