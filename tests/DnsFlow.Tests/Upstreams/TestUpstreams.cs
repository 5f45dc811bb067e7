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
        UpstreamStrategies.TryCreate(options, out var strategy, seed: 1);
        return new UpstreamGroup("test", 1, options, new UpstreamServers(servers), strategy);
    }

    /// <summary>The first server of a question whose name does not matter.</summary>
    public static Upstream? ChooseFirst(this UpstreamGroup group, long now) => group.ChooseFirst(new UpstreamQuestion(default, now));

    /// <summary>The next server of a question whose name does not matter.</summary>
    public static Upstream? Next(this UpstreamGroup group, ReadOnlySpan<AskedServer> asked, long now) => group.Next(asked, new UpstreamQuestion(default, now));

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
    public static Task Until(Func<bool> condition) => TestWait.Until(condition);
}
