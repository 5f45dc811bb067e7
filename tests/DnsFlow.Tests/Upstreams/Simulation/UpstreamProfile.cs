using DnsFlow.Flows;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams.Simulation;

/// <summary>One group of servers with a fate of its own, drawn by number: near and far ones, steady and shaky ones, some that die and come back.</summary>
internal static class UpstreamProfile
{
    private const long Millisecond = 1_000, Second = 1_000_000;

    /// <summary>The servers of a profile; <paramref name="start"/> is when the questions begin, <paramref name="length"/> how long they go on.</summary>
    public static SimulatedServer[] Make(int number, UpstreamGroupOptions options, long start, long length)
    {
        var random = new Random(number);
        var servers = new SimulatedServer[random.Next(2, 5)];
        for (var i = 0; i < servers.Length; i++)
        {
            servers[i] = new SimulatedServer(new Upstream(i, $"{i}", FlowEndpoint.FromIPv4(0xC0000201 + (uint)i, 53), usesDatagrams: true, options))
            {
                RoundTrip = (long)(2 * Millisecond * Math.Pow(40, random.NextDouble())),
                Jitter = 0.1 + (0.5 * random.NextDouble()),
                Loss = random.NextDouble() < 0.3 ? 0.05 * random.NextDouble() : 0.001,
                Bad = random.NextDouble() < 0.1 ? 0.02 : 0,
                Slow = random.NextDouble() < 0.25 ? Span(random, start, length, 2 * Second) : default,
            };
        }

        // Never all at once: what nobody can answer says nothing about who was asked.
        if (random.NextDouble() < 0.4)
        {
            var dead = random.Next(servers.Length);
            servers[dead] = servers[dead] with { Dead = Span(random, start, length, 4 * Second) };
        }

        return servers;
    }

    private static (long From, long To) Span(Random random, long start, long length, long duration)
    {
        var from = start + (long)(random.NextDouble() * length);
        return (from, from + duration);
    }
}
