using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Server;

namespace DnsFlow.Tests.Server;

/// <summary>Which processes flows come from.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class LocalProcessesTests : IDisposable
{
    private const string Head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n";

    private readonly string _proc = Directory.CreateTempSubdirectory("dnsflow-proc").FullName;

    [Fact]
    public void Find_TablesOfSockets_NamesTheClientsEnd()
    {
        Table("udp", "0100007F:9C40 0100007F:0035 101", "00000000:9C41 00000000:0000 102", "0100007F:9C42 0200007F:0035 103", "no line");
        Table("tcp", "0100007F:0035 0100007F:9C43 104", "0100007F:9C43 0100007F:0035 105");
        Table("tcp6", "0000000000000000FFFF00000100007F:9C44 0000000000000000FFFF00000100007F:0035 106", "00000000000000000000000001000000:9C45 00000000000000000000000001000000:0035 107");
        Process(11, "dig", 101, 102);
        Process(12, "us", 104);
        Process(13, "kdig", 103, 105, 106, 107);
        Process(14, "none");
        Directory.Delete(Path.Combine(_proc, "14", "fd"));      // as one that may not be looked at
        Assert.Equal(
            ["11/dig", "11/dig", "none", "13/kdig", "13/kdig", "13/kdig", "none", "none"],
            Find(
                Flow("127.0.0.1", 40_000), Flow("127.0.0.1", 40_001), Flow("127.0.0.1", 40_002), Flow("127.0.0.1", 40_003, FlowTransport.Tcp), Flow("127.0.0.1", 40_004, FlowTransport.Tls),
                Flow("::1", 40_005, FlowTransport.Https), Flow("127.0.0.1", 40_006), Flow("192.0.2.1", 40_001)));
    }

    [Fact]
    public void Find_MoreOpenFilesThanAreLookedAt_LeavesTheRestUnknown()
    {
        Table("udp", "0100007F:9C40 0100007F:0035 101", "0100007F:9C41 0100007F:0035 205");
        Process(11, "dig", 101);
        Process(12, "many", 201, 202, 203, 204, 205);
        FlowKey[] flows = [Flow("127.0.0.1", 40_000), Flow("127.0.0.1", 40_001)];
        Assert.Equal(2, new LocalProcesses(_proc, maxFiles: 6).Find(flows, CancellationToken.None).Count);
        Assert.True(new LocalProcesses(_proc, maxFiles: 2).Find(flows, CancellationToken.None).Count < 2);
    }

    [Fact]
    public void Find_NoProc_FindsNothing() => Assert.Empty(new LocalProcesses(Path.Combine(_proc, "none")).Find([Flow("127.0.0.1", 40_000)], CancellationToken.None));

    [Fact]
    public void Find_SocketsOfOurs_AreOurs()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var connected = new UdpClient(AddressFamily.InterNetwork);
        connected.Connect(IPAddress.Loopback, 53);
        using var wild = new UdpClient(new IPEndPoint(IPAddress.Any, 0));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stream = new TcpClient();
        stream.Connect((IPEndPoint)listener.LocalEndpoint);
        var found = new LocalProcesses().Find(
            [
                Flow("127.0.0.1", Port(connected.Client)), Flow("127.0.0.1", Port(wild.Client)),
                new FlowKey(FlowTransport.Tcp, FlowEndpoint.From((IPEndPoint)stream.Client.LocalEndPoint!), FlowEndpoint.From((IPEndPoint)listener.LocalEndpoint)),
            ],
            CancellationToken.None);
        Assert.Equal(3, found.Count);
        Assert.All(found.Values, static process => Assert.StartsWith($"{Environment.ProcessId}/", process, StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    private static ushort Port(Socket socket) => (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;

    private static FlowKey Flow(string client, int port, FlowTransport transport = FlowTransport.Udp) => new(
        transport, FlowEndpoint.From(IPAddress.Parse(client), port),
        FlowEndpoint.From(client.Contains(':', StringComparison.Ordinal) ? IPAddress.IPv6Loopback : IPAddress.Loopback, 53));

    private IEnumerable<string> Find(params FlowKey[] flows)
    {
        var found = new LocalProcesses(_proc).Find(flows, CancellationToken.None);
        return flows.Select(flow => found.GetValueOrDefault(flow, "none"));
    }

    private void Table(string name, params string[] sockets)
    {
        Directory.CreateDirectory(Path.Combine(_proc, "net"));
        File.WriteAllText(Path.Combine(_proc, "net", name), Head + string.Concat(sockets.Select(static socket => Line(socket.Split(' ')))));
    }

    private static string Line(string[] words) => words.Length == 3 ? $"   1: {words[0]} {words[1]} 07 00000000:00000000 00:00000000 00000000  1000        0 {words[2]} 2 0 0\n" : "no line\n";

    private void Process(int id, string name, params int[] sockets)
    {
        var files = Directory.CreateDirectory(Path.Combine(_proc, $"{id}", "fd")).FullName;
        File.WriteAllText(Path.Combine(_proc, $"{id}", "comm"), name + "\n");
        for (var i = 0; i < sockets.Length; i++)
        {
            File.CreateSymbolicLink(Path.Combine(files, $"{i}"), $"socket:[{sockets[i]}]");
        }
    }
}
