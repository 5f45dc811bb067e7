using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>Which connection of a shard a question goes by, and how many there are (docs/decisions/0016). Time stands still, so that no attempt times out.</summary>
public sealed class LaneTests : IDisposable
{
    private const int MostOnALane = 128, MostLanes = 4;

    private readonly ServerTrust _trust = new();
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _trust.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task Load_NextConnectionNeverGetsReady_TheFirstOneTakesTheQuestions()
    {
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        await using var proxy = await StartAsync(server);
        server.Plain.HoldHandshakes();
        var asked = AskHeld(server, proxy, 100);
        await TestWait.Until(() => server.Queries.Count == 101);
        _answers.SetResult();
        Assert.All(await asked, response => Assert.Equal("192.0.2.8", Wire.FirstAddress(response)));
        Assert.Equal(1, server.Plain.Handshakes);
        Assert.Equal(2, server.Plain.Accepted);
    }

    [Fact(Timeout = 60_000)]
    public async Task Load_BeyondAllConnections_IsCountedAndAnswered()
    {
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        await using var proxy = await StartAsync(server);
        var asked = AskHeld(server, proxy, (MostLanes * MostOnALane) + 40);
        await TestWait.Until(() => server.Queries.Count == (MostLanes * MostOnALane) + 41);
        Assert.Equal(40, proxy.Stats.Upstreams[0].LanesFull);
        _answers.SetResult();
        Assert.All(await asked, response => Assert.Equal("192.0.2.8", Wire.FirstAddress(response)));
    }

    private Task<byte[][]> AskHeld(ScriptedServer server, ProxyHarness proxy, int count)
    {
        server.Always(FakeReplies.Held(_answers.Task, FakeReplies.Answer("192.0.2.8")));
        return Task.WhenAll(Enumerable.Range(0, count).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
    }

    private async Task<ProxyHarness> StartAsync(ScriptedServer server)
    {
        var proxy = await ProxyHarness.StartAsync(
            $$"""
            "Limits": { "PerClient": { "Exempt": ["127.0.0.0/8"] } },
            "Upstreams": { "default": { "Servers": ["{{server.Address}}"], "CaFile": "{{_trust.CaFile}}" } }
            """,
            time: new ManualTimeProvider());
        Assert.Equal("192.0.2.1", Wire.FirstAddress(await proxy.AskAsync(Wire.Query("before.example"))));
        return proxy;
    }
}
