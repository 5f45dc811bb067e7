using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Lists;
using DnsFlow.Queries;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.FunctionalTests.Lists;

/// <summary>
/// dnsmasq and unbound read the same list and are asked the same names: what they block we match, what they do not we do not. The lists are those of DNSFLOW_DATA,
/// made-up ones without it; DNSFLOW_LIST_SAMPLE names are asked, 1,000 unless set.
/// </summary>
public sealed class ListJudgeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-judge").FullName;
    private readonly Random _random = new(4711);

    private static int SampleSize { get; } = int.TryParse(Environment.GetEnvironmentVariable("DNSFLOW_LIST_SAMPLE"), CultureInfo.InvariantCulture, out var size) ? size : 1_000;

    [ToolFact("dnsmasq")]
    public async Task Match_DnsmasqServerLines_AgreesWithDnsmasq()
    {
        var list = Write("dnsmasq/1hosts-pro.conf.gz", static name => $"server=/{name}/");
        using var dnsmasq = await StartDnsmasqAsync($"conf-file={list}");
        Assert.Empty(Compare(list, dnsmasq.Port, static code => code == ResponseCode.NXDomain));
    }

    [ToolFact("dnsmasq")]
    public async Task Match_HostsFile_AgreesWithDnsmasq()
    {
        var list = Write("hosts/KADhosts.hosts.gz", static name => $"0.0.0.0 {name}");
        using var dnsmasq = await StartDnsmasqAsync($"addn-hosts={list}");

        // dnsmasq takes the names of the machine itself for local data; we do not block them.
        Assert.Empty(Compare(list, dnsmasq.Port, static code => code == ResponseCode.NoError));
    }

    [ToolFact("unbound")]
    public async Task Match_UnboundZones_AgreesWithUnbound()
    {
        var list = Write("unbound/easylist.conf.gz", static name => $"local-zone: \"{name}\" always_null");
        var port = FreePort.Next();
        var configuration = Path.Combine(_folder, "unbound.conf");
        await File.WriteAllTextAsync(configuration, $"""
            server:
                interface: 127.0.0.1@{port}
                do-daemonize: no
                username: ""
                chroot: ""
                pidfile: ""
                use-syslog: no
                verbosity: 1
                local-zone: "." always_refuse
            include: "{list}"
            """);
        using var unbound = ToolProcess.Start("unbound", ["-d", "-c", configuration]);
        await unbound.WaitForAsync("start of service");
        Assert.Empty(Compare(list, port, static code => code == ResponseCode.NoError));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The names about which the judge and the list differ.</summary>
    private List<string> Compare(string file, int port, Func<ResponseCode, bool> isBlocked)
    {
        using var store = new ListStore(TimeProvider.System, NullLogger.Instance);
        var set = store.Prepare(
            new Dictionary<string, ListOptions> { ["list"] = new() { Sources = [file] } }, new ListPlace(_folder, new ListCopies(_folder), 1L << 30, []),
            static (_, error) => Assert.Fail(error));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        var differing = new List<string>();
        var matched = 0;
        foreach (var name in Sample(set.Lists[0].Data!))
        {
            var match = Match(set, name);
            matched += match ? 1 : 0;
            if (match != isBlocked(Ask(socket, name)))
            {
                differing.Add($"{name}: {(match ? "we" : "the judge")} alone");
            }
        }

        Assert.InRange(matched, SampleSize / 8, SampleSize - (SampleSize / 8));     // else the sample says nothing
        return differing;
    }

    /// <summary>Names of the list, names below and above them, and names that differ from them by a letter.</summary>
    private List<string> Sample(ListData list)
    {
        var all = new List<string>();
        list.Records.ForEachName((wire, _) =>
        {
            Assert.True(DomainName.TryFromWire(wire, out var name));
            all.Add(name.ToString().TrimEnd('.'));
        });
        return [.. Enumerable.Range(0, SampleSize).Select(i => (all[_random.Next(all.Count)], i % 4) switch
        {
            (var name, 0) => name.ToUpperInvariant(),
            (var name, 1) => name.Length < 240 ? "www." + name : name,
            (var name, 2) => name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..],
            (var name, _) => name.Length < 250 && name.IndexOf('.', StringComparison.Ordinal) < 63 ? "q" + name : name,
        })];
    }

    private static bool Match(ListSet set, string text)
    {
        var name = Wire.Name(text.ToLowerInvariant());
        var flow = new FlowFacts(new FlowKey(FlowTransport.Udp, FlowEndpoint.FromIPv4(0x7F000001, 40_000), FlowEndpoint.FromIPv4(0x7F000001, 53)), 0);
        var lookup = default(ListLookup);
        return set.TryMatch(0, name, RecordType.A, flow, ref lookup, out _);
    }

    private static ResponseCode Ask(Socket socket, string name)
    {
        var buffer = new byte[4096];
        socket.Send(Wire.Query(name));
        var length = socket.Receive(buffer);
        return (ResponseCode)(Wire.Header(buffer.AsSpan(0, length)).Flags & DnsHeader.ResponseCodeMask);
    }

    private async Task<RunningJudge> StartDnsmasqAsync(string option)
    {
        var port = FreePort.Next();
        var configuration = Path.Combine(_folder, "dnsmasq.conf");
        await File.WriteAllTextAsync(configuration, $"""
            port={port}
            listen-address=127.0.0.1
            bind-interfaces
            no-resolv
            no-hosts
            no-daemon
            user=
            pid-file=
            log-facility=-
            {option}
            """);
        var process = ToolProcess.Start("dnsmasq", ["--keep-in-foreground", $"--conf-file={configuration}"]);
        await process.WaitForAsync("started, version");
        return new RunningJudge(process, port);
    }

    /// <summary>Unpacks a list, or makes one up.</summary>
    private string Write(string name, Func<string, string> line)
    {
        var path = Path.Combine(_folder, "list.txt");
        if (DnsFlowData.Folder is { } data)
        {
            using var source = new GZipStream(File.OpenRead(Path.Combine(data, "blocklists", name)), CompressionMode.Decompress);
            using var target = File.Create(path);
            source.CopyTo(target);
        }
        else
        {
            File.WriteAllLines(path, Enumerable.Range(0, 5_000).Select(i => line($"n{_random.Next()}.z{i % 700}.example")).ToList());
        }

        return path;
    }

    private sealed record RunningJudge(ToolProcess Process, int Port) : IDisposable
    {
        public void Dispose() => Process.Dispose();
    }
}
