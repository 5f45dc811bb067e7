using System.Net;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

/// <summary>Servers, groups and questions for the tests of this folder.</summary>
internal static class TestUpstreams
{
    private static int s_lastId;

    public static byte[] AskedQuestion { get; } = [3, (byte)'w', (byte)'w', (byte)'w', 7, .. "example"u8, 0, 0, 1, 0, 1];

    public static byte[] Query()
    {
        var query = new byte[UpstreamQueryWriter.MaxLength];
        return query[..UpstreamQueryWriter.Write(AskedQuestion, DnsHeader.RecursionDesiredBit, false, query)];
    }

    public static Upstream NewServer(UpstreamGroupOptions? options = null, bool usesDatagrams = true)
    {
        var id = Interlocked.Increment(ref s_lastId);
        return new Upstream(id, $"server-{id}", FlowEndpoint.From(IPAddress.Parse("192.0.2.53"), 53), usesDatagrams, options);
    }

    public static Upstream For(FakeUpstream fake, bool usesDatagrams = true, UpstreamGroupOptions? options = null)
        => new(Interlocked.Increment(ref s_lastId), fake.Address, FlowEndpoint.From(fake.Endpoint), usesDatagrams, options);

    public static UpstreamGroup Group(params Upstream[] servers) => Group(new UpstreamGroupOptions(), servers);

    public static UpstreamGroup Group(UpstreamGroupOptions options, params Upstream[] servers)
    {
        UpstreamStrategies.TryCreate(options.Strategy, out var strategy);
        return new UpstreamGroup("test", 1, options, new UpstreamServers(servers), strategy);
    }

    /// <summary>Opens a server's breaker.</summary>
    public static void TakeDown(Upstream server, long now)
    {
        while (!server.Health.IsDown)
        {
            server.Failed(UpstreamError.Timeout, now);
        }
    }

    /// <summary>The address in a response by <see cref="FakeQuery.Respond"/>.</summary>
    public static string AddressIn(UpstreamResult result) => new IPAddress(result.Response.AsSpan()[^4..]).ToString();

    /// <summary>Waits until something has happened on another thread.</summary>
    public static async Task Until(Func<bool> condition)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "It did not happen.");
            await Task.Yield();
        }
    }
}
