using DnsFlow.Transports.Https;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Tests.Transports.Https;

/// <summary>What the HTTP server says about connections that it ends.</summary>
public sealed class HttpsFaultsTests
{
    private readonly List<string> _problems = [];
    private readonly HttpsFaults _faults;

    public HttpsFaultsTests() => _faults = new HttpsFaults(_problems.Add);

    [Fact]
    public void Log_TwoConnectionsInTurns_EachIsToldOnce()
    {
        for (var i = 0; i < 100; i++)
        {
            Say("Http2QueueOperationsExceeded", i % 2 == 0 ? "one" : "two");
            Say("Http2ConnectionError", i % 2 == 0 ? "one" : "two");
        }

        Assert.Equal(2, _problems.Count);
    }

    [Theory]
    [InlineData("RequestBodyMinimumDataRateNotSatisfied", 1)]
    [InlineData("ResponseMinimumDataRateNotSatisfied", 1)]
    [InlineData("ConnectionBadRequest", 1)]
    [InlineData("ConnectionStart", 0)]
    public void Log_Event_IsToldWhenItIsTheClientsFault(string name, int told)
    {
        Say(name, "one");
        Assert.Equal(told, _problems.Count);
    }

    [Fact]
    public void Report_ManyConnections_KnowsTheLastOnesAlone()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _faults.Report($"{i}", "flood");
            _faults.Report($"{i}", "flood");
        }

        Assert.Equal(10_000, _problems.Count);
        _faults.Report("9999", "flood");
        Assert.Equal(10_000, _problems.Count);
        _faults.Report("0", "flood");        // forgotten long ago: memory stays bounded
        Assert.Equal(10_001, _problems.Count);
    }

    private void Say(string name, string connection)
        => _faults.Log(
            LogLevel.Debug, new EventId(1, name), new Dictionary<string, object?> { ["ConnectionId"] = connection }, null, (_, _) => $"{name} of {connection}");
}
