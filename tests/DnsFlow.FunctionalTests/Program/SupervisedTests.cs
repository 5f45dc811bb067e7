using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Program;

/// <summary>The program under a service manager that wants signs of life often, so that a stop meets one of them.</summary>
public class SupervisedTests
{
    [Fact]
    public async Task Run_SigtermBetweenSignsOfLife_DrainsAndExits0()
    {
        var folder = Directory.CreateTempSubdirectory("dnsflow-test").FullName;
        try
        {
            using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            var path = Path.Combine(folder, "notify");
            manager.Bind(new UnixDomainSocketEndPoint(path));
            using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            using var program = await RunningProgram.StartSupervisedAsync(
                path, TimeSpan.FromMilliseconds(50), "-l", "127.0.0.1:0", "-u", silent.Client.LocalEndPoint!.ToString()!);
            await UntilAsync(manager, "READY=1");
            await UntilAsync(manager, "WATCHDOG=1");

            using var client = new UdpClient();
            client.Connect(program.Endpoint);
            await client.SendAsync(Wire.Query("www.example"));
            var asked = await silent.ReceiveAsync();
            var exit = program.TerminateAsync();
            await UntilAsync(manager, "STOPPING=1");
            await silent.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.7"), asked.RemoteEndPoint);
            Assert.Equal("198.51.100.7", Wire.FirstAddress((await client.ReceiveAsync()).Buffer));
            Assert.Equal(0, await exit);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static async Task UntilAsync(Socket manager, string state)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[256];
        string said;
        do
        {
            said = Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, patience.Token));
        }
        while (!said.StartsWith(state, StringComparison.Ordinal));
    }
}
