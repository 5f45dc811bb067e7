using System.Diagnostics.Metrics;
using DnsFlow.Telemetry;

namespace DnsFlow.Tests.Telemetry;

public class DnsFlowMeterTests
{
    [Fact]
    public void Collection_Observed_GivesTheSnapshotsNumbersAndTakesItOnce()
    {
        var taken = 0;
        using var meter = new DnsFlowMeter(
            () =>
            {
                taken++;
                return StatsCollector.Collect(PrometheusTextTests.Busy());
            },
            new DnsFlow.TestKit.ManualTimeProvider());
        var seen = Observe(meter);

        Assert.Equal(1, taken);
        Assert.Equal(3, seen["dnsflow.queries|listener=lan|transport=udp|type=A"]);
        Assert.Equal(7, seen["dnsflow.cache.requests|result=hit"]);
        Assert.Equal(0, seen["dnsflow.queries.in.flight"]);
    }

    [Fact]
    public void Dispose_Meter_StopsPublishing()
    {
        var meter = new DnsFlowMeter(() => StatsCollector.Collect(PrometheusTextTests.Busy()));
        meter.Dispose();
        Assert.Empty(Observe(meter));
    }

    private static Dictionary<string, double> Observe(DnsFlowMeter meter)
    {
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, subscriber) =>
        {
            if (meter.Owns(instrument))
            {
                subscriber.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            seen[instrument.Name + string.Concat(tags.ToArray().Select(tag => $"|{tag.Key}={tag.Value}"))] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
