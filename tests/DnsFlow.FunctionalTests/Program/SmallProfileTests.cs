using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Program;

/// <summary>The profile <c>small</c> under flood, in a control group of 50 MiB where one can be made, else with the runtime's own hard limit.</summary>
public sealed class SmallProfileTests
{
    private const long Cage = 50L << 20;
    private const int Addresses = 10, PortsEach = 10_000, FirstPort = 20_000;

    [Fact]
    public async Task Run_FloodFrom100000SourcePorts_StaysInsideAndAnswers()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var cage = MemoryCage.TryMake(Cage);
        using var program = await RunningProgram.StartCagedAsync(cage, "-l", "127.0.0.1:0");
        Assert.Equal(Addresses * PortsEach, Flood(program.Endpoint));

        using var client = new UdpClient();
        client.Connect(program.Endpoint);
        Assert.Equal("192.0.2.1", Wire.FirstAddress(await AskAsync(client, Wire.Query("router.home.arpa"))));

        using var http = new HttpClient();
        var stats = (await http.GetFromJsonAsync<JsonObject>(program.Stats))!;
        var report = $"{program.PrivateBytes()} octets of its own; {stats.ToJsonString()}";
        Assert.True((long)stats["queries"]!["total"]! > PortsEach, report);
        Assert.True((long)stats["flows"]!["open"]! <= 4_096, report);
        Assert.True((long)stats["limits"]!["memory"]!["maxBytes"]! <= 24L << 20, report);
        Assert.True(program.PrivateBytes() < Cage, report);
        Assert.Equal(0, await program.TerminateAsync());
    }

    /// <summary>One query from each of 100,000 endpoints; returns how many were sent.</summary>
    private static int Flood(IPEndPoint target)
    {
        var query = Wire.Query("router.home.arpa");
        var sent = 0;
        for (var address = 0; address < Addresses; address++)
        {
            var source = new IPAddress([127, 0, 7, (byte)(address + 1)]);
            for (int port = FirstPort, ports = 0; ports < PortsEach; port++)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                try
                {
                    socket.Bind(new IPEndPoint(source, port));
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
                {
                    continue;       // somebody has the port on all addresses: a resolver of another test asks from ports it chooses by chance
                }

                ports++;
                sent += socket.SendTo(query, target) == query.Length ? 1 : 0;
            }
        }

        return sent;
    }

    private static async Task<byte[]> AskAsync(UdpClient client, byte[] query)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            await client.SendAsync(query, patience.Token);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
            wait.CancelAfter(TimeSpan.FromSeconds(1));
            try
            {
                return (await client.ReceiveAsync(wait.Token)).Buffer;
            }
            catch (OperationCanceledException) when (!patience.IsCancellationRequested)
            {
                // Lost in the flood's tail, as UDP may be: a stub resolver asks again.
            }
        }
    }
}
