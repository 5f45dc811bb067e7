using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Zones;

/// <summary>Zones transferred from a real nsd.</summary>
public sealed class SecondaryTests : IDisposable
{
    private const string Keys = """
        key:
            name: "xfr.example"
            algorithm: hmac-sha256
            secret: "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiBEbnNGbG93"
        """;

    private const string KeyFile = "key \"xfr.example\" { algorithm hmac-sha256; secret \"c2VjcmV0IG9mIHRoZSB0ZXN0cyBvZiBEbnNGbG93\"; };\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dnsflow-secondary-");
    private readonly RecordingLogger _log = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [ToolFact("nsd")]
    public async Task Transfer_Unsigned_IsServedAndKeptOnDisk()
    {
        using var nsd = await AuthoritativeServer.StartAsync([("example", Zone(1))], settings: "    provide-xfr: 127.0.0.1 NOKEY");
        await using var proxy = await StartAsync(nsd.Port, FreePort.Next());

        Assert.Equal("192.0.2.1", await UntilAsync(proxy, "www.example.", "192.0.2.1"));
        await UntilLoggedAsync("version 1, the whole zone");
        Assert.Contains("www.example.\t300\tIN\tA\t192.0.2.1", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "corp.zone")), StringComparison.Ordinal);
    }

    [ToolFact("nsd")]
    public async Task Transfer_SignedWithNotify_FollowsThePrimaryByIncrements()
    {
        var port = FreePort.Next();
        using var nsd = await AuthoritativeServer.StartAsync(
            [("example", Zone(1))],
            settings: $"    provide-xfr: 127.0.0.1 xfr.example\n    notify: 127.0.0.1@{port} xfr.example\n    store-ixfr: yes\n    create-ixfr: yes",
            keys: Keys);
        await using var proxy = await StartAsync(nsd.Port, port, signed: true);
        Assert.Equal("192.0.2.1", await UntilAsync(proxy, "www.example.", "192.0.2.1"));

        await File.WriteAllTextAsync(nsd.FileOf("example"), Zone(2));
        File.SetLastWriteTimeUtc(nsd.FileOf("example"), File.GetLastWriteTimeUtc(nsd.FileOf("example")).AddSeconds(2));
        await nsd.ReloadAsync();

        Assert.Equal("192.0.2.2", await UntilAsync(proxy, "www.example.", "192.0.2.2"));
        await UntilLoggedAsync("version 2, the changes");
        var row = Assert.Single(proxy.Stats.Zones);
        Assert.Equal(("corp", "example.", "current", 2U, $"127.0.0.1:{nsd.Port}", null), (row.Name, row.Origin, row.State, row.Serial, row.Primary, row.Error));
        Assert.Equal(TimeSpan.FromDays(7), row.ExpiresAt - row.RefreshedAt);
        Assert.True(row.Bytes > 0 && row.Bytes <= proxy.Stats.Limits.Memory.Pools["zones"]);
    }

    [ToolFact("nsd")]
    public async Task Transfer_PrimaryWantsAKeyThatWeHaveNot_IsServfailAndSaysWhy()
    {
        using var nsd = await AuthoritativeServer.StartAsync([("example", Zone(1))], settings: "    provide-xfr: 127.0.0.1 xfr.example", keys: Keys);
        await using var proxy = await StartAsync(nsd.Port, FreePort.Next());
        await UntilLoggedAsync("gave nothing: the primary answers");
        Assert.Equal(ResponseCode.ServFail, (await AskAsync(proxy, "www.example.")).ResponseCode);
        var row = Assert.Single(proxy.Stats.Zones);
        Assert.Equal(("missing", null, null), (row.State, row.Serial, row.RefreshedAt));
        Assert.Contains("the primary answers", row.Error, StringComparison.Ordinal);
    }

    [ToolFact("nsd")]
    public async Task Transfer_SignedRoot_AnswersAsTheFileDoes()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var text = string.Join('\n', DnsFlowData.ReadGzipLines(Path.Combine(folder, "zones/real/root-2017-08-21-signed.zone.gz"))) + "\n";
        using var nsd = await AuthoritativeServer.StartAsync([(".", text)], settings: "    provide-xfr: 127.0.0.1 NOKEY");
        await using var proxy = await StartAsync(nsd.Port, FreePort.Next(), origin: ".");
        await UntilLoggedAsync("version 2017082100, the whole zone");
        var reply = await AskAsync(proxy, "nl.");
        Assert.Equal((ResponseCode.NoError, 0), (reply.ResponseCode, reply.Answer.Count));
        Assert.Contains(reply.Authority, record => record.ToString().Contains("ns1.dns.nl.", StringComparison.Ordinal));
    }

    private static string Zone(int serial) => $"""
        $ORIGIN example.
        $TTL 300
        @ SOA ns hostmaster {serial} 3600 900 604800 60
        @ NS ns
        ns A 127.0.0.1
        www A 192.0.2.{serial}
        other A 192.0.2.99

        """;

    private async Task<ProxyHarness> StartAsync(int primary, int port, bool signed = false, string origin = "example")
    {
        var key = Path.Combine(_folder.FullName, "key");
        await File.WriteAllTextAsync(key, KeyFile);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return await ProxyHarness.StartAsync(
            $$"""
            "Zones": { "corp": { "Origin": "{{origin}}", "Primaries": ["127.0.0.1:{{primary}}"], "File": "{{_folder.FullName}}/corp.zone"{{(signed ? $", \"TsigKeyFile\": \"{key}\"" : "")}} } }
            """,
            listener: $$"""{ "Endpoints": ["127.0.0.1:{{port}}"] }""", logger: _log);
    }

    private async Task UntilLoggedAsync(string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!_log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            Assert.False(patience.IsCancellationRequested, string.Join('\n', _log.Lines));
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Asks until the address is what is expected; fails after twenty seconds with what came last.</summary>
    private static async Task<string> UntilAsync(ProxyHarness proxy, string name, string address)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var message = await AskAsync(proxy, name);
            var got = message.Answer.Count == 1 && message.Answer[0].TryGetAddress(out var read) ? read.ToString() : message.ResponseCode.ToString();
            if (got == address || patience.IsCancellationRequested)
            {
                return got;
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<DnsMessage> AskAsync(ProxyHarness proxy, string name)
    {
        var query = new DnsMessage { Id = 1, Questions = [new Question(DomainName.Parse(name), RecordType.A)] };
        Assert.True(DnsMessageReader.TryRead(await proxy.AskAsync(DnsMessageWriter.ToArray(query)!), out var message));
        return message;
    }
}
