using DnsFlow.Flows;
using DnsFlow.Transports.Memory;

namespace DnsFlow.Tests.Flows;

/// <summary>Flows for tests, and a limit on how long a test waits before it fails.</summary>
internal static class TestFlows
{
    public static readonly FlowEndpoint Client = FlowEndpoint.FromIPv4(0xC0000207, 40_001);
    public static readonly FlowEndpoint Server = FlowEndpoint.FromIPv4(0xC0000201, 53);

    public static FlowFacts Facts(FlowTransport transport) => new(new FlowKey(transport, Client, Server), 0);

    /// <summary>A stream flow and its client's end.</summary>
    public static (StreamFlow Flow, MemoryStreamTransport Client, MemoryStreamTransport Server) Stream(int capacity = 64 << 10)
    {
        var (client, server) = MemoryStreamTransport.CreatePair(capacity);
        return (new StreamFlow(Facts(FlowTransport.Tcp), server), client, server);
    }

    /// <summary>The same, claimed and open.</summary>
    public static (StreamFlow Flow, MemoryStreamTransport Client, MemoryStreamTransport Server) OpenStream(int capacity = 64 << 10)
    {
        var stream = Stream(capacity);
        stream.Flow.Decide(FlowVerdict.Claim);
        Assert.True(stream.Flow.TryOpen());
        return stream;
    }

    public static DatagramFlow Datagrams(RecordingSink sink) => new(Facts(FlowTransport.Udp), sink);

    public static DatagramFlow OpenDatagrams(RecordingSink sink)
    {
        var flow = Datagrams(sink);
        flow.Decide(FlowVerdict.Claim);
        Assert.True(flow.TryOpen());
        return flow;
    }

    /// <summary>Fails a test that would hang.</summary>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(20));

    public static Task Soon(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(20));

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().Soon();

    /// <summary>Reads until the end or an error.</summary>
    public static async Task<(byte[] Data, FlowError? Error)> ReadAllAsync(this IStreamTransport transport)
    {
        var data = new List<byte>();
        var buffer = new byte[1_000];
        while (true)
        {
            var read = await transport.ReadAsync(buffer, CancellationToken.None).Soon();
            if (read.Count == 0)
            {
                return ([.. data], read.Error);
            }

            data.AddRange(buffer.AsSpan(0, read.Count));
        }
    }
}
