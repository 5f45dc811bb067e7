using System.Net;
using System.Net.Sockets;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;

namespace DnsFlow.FunctionalTests.Forwarding;

/// <summary>Every answer is the right one for its question: the address is a function of the name.</summary>
public class CorrectnessTests
{
    private protected virtual IDatagramNetwork Network => UdpNetwork.Create();

    private const int Names = 2_000;
    private const int Outstanding = 48;

    [ToolFact("nsd")]
    public async Task Answers_TenThousandOverOneFlow_AreAllRight()
    {
        var zone = "$ORIGIN example.\n$TTL 300\n@ SOA ns h 1 1 1 1 60\n@ NS ns\nns A 192.0.2.1\n"
            + string.Join('\n', Enumerable.Range(0, Names).Select(i => $"n{i} A {Address(i)}")) + "\n";
        using var nsd = await AuthoritativeServer.StartAsync("example", zone);
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(nsd.Endpoint), network: Network);
        using var client = new UdpClient(AddressFamily.InterNetwork);
        client.Connect(proxy.Endpoint);

        var asked = new Dictionary<ushort, int>();
        var (sent, answered) = (0, 0);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (answered < 5 * Names)
        {
            while (asked.Count < Outstanding && sent < 5 * Names)
            {
                var name = sent * 7 % Names;
                asked.Add((ushort)sent, name);
                await client.SendAsync(Wire.Query($"N{name}.eXample", id: (ushort)sent++));
            }

            var response = (await client.ReceiveAsync(patience.Token)).Buffer;
            Assert.True(asked.Remove(Wire.Header(response).Id, out var expected), "an answer to no question");
            Assert.Equal(Address(expected), Wire.FirstAddress(response));
            Assert.Equal(Wire.Name($"N{expected}.eXample"), response[DnsHeader.Size..(DnsHeader.Size + WireName.Measure(response, DnsHeader.Size))]);
            answered++;
        }

        Assert.Equal(5 * Names, proxy.Stats.Queries.Total);
        Assert.Equal(Names, proxy.Stats.Queries.ByOutcome["forwarded"]);
    }

    private static string Address(int name) => new IPAddress([10, (byte)(name >> 16), (byte)(name >> 8), (byte)name]).ToString();
}
