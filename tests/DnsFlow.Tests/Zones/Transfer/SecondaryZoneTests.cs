using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.TestKit;
using DnsFlow.Zones;
using DnsFlow.Zones.Transfer;
using static DnsFlow.Tests.Zones.ZoneAsker;

namespace DnsFlow.Tests.Zones.Transfer;

/// <summary>A secondary whose primary is a script, on a clock that the test moves. (tests/DnsFlow.FunctionalTests has nsd as primary.)</summary>
public sealed class SecondaryZoneTests : IDisposable
{
    private const string Version1 = "@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nwww A 192.0.2.1\n";
    private const string Version2 = "@ SOA ns h 2 3600 600 86400 60\n@ NS ns\nwww A 192.0.2.2\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dnsflow-secondary-");
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _log = new();

    private string CopyPath => Path.Combine(_folder.FullName, "corp.zone");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Run_NothingOnDisk_FailsUntilTheTransferAndIsKept()
    {
        using var primary = new ScriptedPrimary(Version1);
        await using var transfers = Load(primary.Endpoint, out var store);
        Assert.Equal(ResponseCode.ServFail, Ask(new ZoneStep(store), "www.example. A").Code);

        transfers.Start(_time, _log);
        await UntilAsync(() => transfers.Zones[0].Serial == 1);

        Assert.Equal(["www.example. 60 A 192.0.2.1"], Ask(new ZoneStep(store), "www.example. A").Answers);
        await UntilAsync(() => File.Exists(CopyPath));
        Assert.False(File.Exists(CopyPath + ".new"));
    }

    [Fact]
    public async Task Run_CopyOnDiskAndNoPrimary_IsServedUntilItExpires()
    {
        Save(Version1);
        await using var transfers = Load(new IPEndPoint(IPAddress.Loopback, 1), out var store);
        transfers.Start(_time, _log);
        Assert.Single(Ask(new ZoneStep(store), "www.example. A").Answers);

        await PassAsync(transfers, TimeSpan.FromHours(23), () => true);
        Assert.Single(Ask(new ZoneStep(store), "www.example. A").Answers);
        await PassAsync(transfers, TimeSpan.FromHours(2), () => Ask(new ZoneStep(store), "www.example. A").Code == ResponseCode.ServFail);
    }

    [Fact]
    public async Task Start_CopyThatExpiredMeanwhile_IsNotServed()
    {
        Save(Version1);
        _time.Advance(TimeSpan.FromDays(2));
        await using var transfers = Load(new IPEndPoint(IPAddress.Loopback, 1), out var store);
        transfers.Start(_time, _log);

        Assert.Equal(ResponseCode.ServFail, Ask(new ZoneStep(store), "www.example. A").Code);
    }

    [Fact]
    public async Task Run_RefreshTimePassed_AsksAgainAndTakesTheNewVersion()
    {
        using var primary = new ScriptedPrimary(Version1);
        await using var transfers = Load(primary.Endpoint, out var store);
        transfers.Start(_time, _log);
        await UntilAsync(() => transfers.Zones[0].Serial == 1);

        primary.Zone = Version2;
        await PassAsync(transfers, TimeSpan.FromHours(1), () => transfers.Zones[0].Serial == 2, step: 5);     // less than the patience with a primary

        Assert.Equal(["www.example. 60 A 192.0.2.2"], Ask(new ZoneStep(store), "www.example. A").Answers);
    }

    [Fact]
    public async Task Run_FirstPrimaryIsDead_TheSecondIsAsked()
    {
        using var primary = new ScriptedPrimary(Version1);
        await using var transfers = Load([new IPEndPoint(IPAddress.Loopback, 1), primary.Endpoint], out _);
        transfers.Start(_time, _log);

        await UntilAsync(() => transfers.Zones[0].Serial == 1);
    }

    [Fact]
    public async Task Run_ZoneBeyondTheBound_KeepsTheLastGoodOne()
    {
        Save(Version1);
        using var primary = new ScriptedPrimary(Version2 + string.Concat(Enumerable.Range(0, 200).Select(i => $"h{i} A 192.0.2.1\n")));
        await using var transfers = Load([primary.Endpoint], out var store, maxRecords: 100);
        transfers.Start(_time, _log);
        await UntilAsync(() => primary.Transfers > 0);

        Assert.Equal(["www.example. 60 A 192.0.2.1"], Ask(new ZoneStep(store), "www.example. A").Answers);
        Assert.Equal(1U, transfers.Zones[0].Serial);
    }

    [Theory]
    [InlineData(3_000, true)]       // too large when it is compiled
    [InlineData(3_000, false)]
    [InlineData(300, true)]         // too large while it is read
    public async Task Run_VersionBeyondTheMemory_KeepsTheLastGoodOneAndCounts(int room, bool hasCopy)
    {
        long small;
        Save(Version1);
        await using (Load(new IPEndPoint(IPAddress.Loopback, 1), out var alone))
        {
            small = alone.Bytes;
        }

        if (!hasCopy)
        {
            File.Delete(CopyPath);
        }

        using var primary = new ScriptedPrimary(Version2 + string.Concat(Enumerable.Range(0, 30).Select(i => $"h{i} A 192.0.2.1\n")));
        await using var transfers = Load([primary.Endpoint], out var store, maxBytes: small + room);
        transfers.Start(_time, _log);
        await UntilAsync(() => transfers.Zones[0].Report().Refused == 1);

        var report = transfers.Zones[0].Report();
        Assert.Contains(": the zone does not fit into the memory for zones, ", report.Error, StringComparison.Ordinal);
        Assert.True(store.Bytes <= small + room);
        if (hasCopy)
        {
            Assert.Equal(["www.example. 60 A 192.0.2.1"], Ask(new ZoneStep(store), "www.example. A").Answers);
            Assert.Equal(("stale", 1U), (report.State, report.Serial));
        }
        else
        {
            Assert.Equal(ResponseCode.ServFail, Ask(new ZoneStep(store), "www.example. A").Code);
            Assert.Equal(("missing", null), (report.State, report.Serial));
        }
    }

    [Fact]
    public async Task Load_CopyBeyondTheMemory_IsNotServedAndSaysWhy()
    {
        Save(Version1);
        await using var transfers = Load([new IPEndPoint(IPAddress.Loopback, 1)], out var store, maxBytes: 400);
        var report = transfers.Zones[0].Report();
        Assert.Equal(ResponseCode.ServFail, Ask(new ZoneStep(store), "www.example. A").Code);
        Assert.Equal(("missing", 1L), (report.State, report.Refused));
        Assert.StartsWith("the zone does not fit into the memory for zones, ", report.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_FromMissingToExpired_SaysHowTheZoneIs()
    {
        var primary = new ScriptedPrimary(Version1);
        await using var transfers = Load(primary.Endpoint, out _);
        var zone = transfers.Zones[0];
        Assert.Equal(("corp", "example.", "missing", null, null, null), (zone.Report().Name, zone.Report().Origin, zone.Report().State, zone.Report().Serial, zone.Report().RefreshedAt, zone.Report().ExpiresAt));

        transfers.Start(_time, _log);
        await UntilAsync(() => zone.Report().NextRefreshAt is not null);
        var report = zone.Report();
        Assert.Equal(("current", 1U, primary.Endpoint.ToString(), null), (report.State, report.Serial, report.Primary, report.Error));
        Assert.Equal((_time.GetUtcNow(), _time.GetUtcNow().AddDays(1)), (report.RefreshedAt!.Value, report.ExpiresAt!.Value));
        Assert.InRange(report.NextRefreshAt!.Value - _time.GetUtcNow(), TimeSpan.FromMinutes(54), TimeSpan.FromHours(1));
        Assert.True(report.Bytes > 0);

        primary.Dispose();
        await PassAsync(transfers, TimeSpan.FromHours(2), () => zone.Report().State == "stale");
        Assert.NotNull(zone.Report().Error);
        await PassAsync(transfers, TimeSpan.FromHours(25), () => zone.Report().State == "expired");
        Assert.Equal((null, null, 0L), (zone.Report().Serial, zone.Report().ExpiresAt, zone.Report().Bytes));
        Assert.NotNull(zone.Report().RefreshedAt);
    }

    [Theory]
    [InlineData("127.0.0.1", "example.", ResponseCode.NoError)]
    [InlineData("127.0.0.2", "example.", ResponseCode.Refused)]
    [InlineData("127.0.0.1", "other.", ResponseCode.NotAuth)]
    [InlineData("127.0.0.1", "www.example.", ResponseCode.NotAuth)]
    public async Task Invoke_Notify_CountsOnlyFromAPrimary(string from, string zone, ResponseCode code)
    {
        Save(Version1);
        await using var transfers = Load(new IPEndPoint(IPAddress.Loopback, 1), out _);
        var reply = Notify(transfers, from, DnsMessageWriter.ToArray(new DnsMessage { Id = 7, OpCode = OpCode.Notify, Questions = [new Question(DomainName.Parse(zone), RecordType.SOA)] })!);

        Assert.Equal((code, OpCode.Notify), (reply.Code, reply.Header.OpCode));
    }

    [Fact]
    public async Task Invoke_NotifyThatIsSigned_CountsFromAnywhereAndIsAnsweredSigned()
    {
        var key = new TsigKey(DomainName.Parse("k."), "hmac-sha256", [1, 2, 3]);
        Save(Version1);
        File.WriteAllText(Path.Combine(_folder.FullName, "key"), "key k { algorithm hmac-sha256; secret \"AQID\"; };");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(_folder.FullName, "key"), UnixFileMode.UserRead);
        }

        await using var transfers = Load([new IPEndPoint(IPAddress.Loopback, 1)], out _, keyFile: Path.Combine(_folder.FullName, "key"));
        using var session = new TsigSession(key, _time);
        var call = session.Sign(DnsMessageWriter.ToArray(new DnsMessage { Id = 7, OpCode = OpCode.Notify, Questions = [new Question(DomainName.Parse("example."), RecordType.SOA)] })!);

        var response = Respond(transfers, "198.51.100.1", call);
        Assert.Null(session.Check(response));
        call[^20] ^= 1;
        Assert.Equal(ResponseCode.NotAuth, Notify(transfers, "198.51.100.1", call).Code);
    }

    [Fact]
    public void Invoke_NotifyWithoutAnySecondary_IsLeftToValidation()
    {
        var step = new NotifyStep(ZoneTransfers.None, _time);
        var message = DnsMessageWriter.ToArray(new DnsMessage { OpCode = OpCode.Notify, Questions = [new Question(DomainName.Parse("example."), RecordType.SOA)] })!;
        var facts = Udp;
        var context = new QueryContext(message, ref facts, new byte[255], new byte[512], 0);

        Assert.Equal(StepResult.Continue, step.Invoke(ref context));
    }

    [Fact]
    public async Task Invoke_NotifyOfAnyOctets_NeverThrows()
    {
        await using var transfers = Load(new IPEndPoint(IPAddress.Loopback, 1), out _);
        var random = new Random(1996);
        var call = DnsMessageWriter.ToArray(new DnsMessage { Id = 7, OpCode = OpCode.Notify, Questions = [new Question(DomainName.Parse("example."), RecordType.SOA)] })!;
        for (var i = 0; i < 20_000; i++)
        {
            byte[] broken = [.. call[..random.Next(12, call.Length + 1)], .. new byte[random.Next(30)]];
            for (var j = random.Next(6); j > 0; j--)
            {
                broken[random.Next(3, broken.Length)] = (byte)random.Next(256);
            }

            Respond(transfers, "127.0.0.1", broken);
        }
    }

    private ZoneReply Notify(ZoneTransfers transfers, string from, byte[] message) => ZoneReply.Read(StepResult.Answered, Respond(transfers, from, message));

    private byte[] Respond(ZoneTransfers transfers, string from, byte[] message)
    {
        var facts = new FlowFacts(new FlowKey(FlowTransport.Udp, FlowEndpoint.From(IPAddress.Parse(from), 5353), default), 0);
        var response = new byte[4096];
        var context = new QueryContext(message, ref facts, new byte[255], response, 0);
        new NotifyStep(transfers, _time).Invoke(ref context);
        return response[..context.ResponseLength];
    }

    private ZoneTransfers Load(IPEndPoint primary, out ZoneStore store) => Load([primary], out store);

    private ZoneTransfers Load(IPEndPoint[] primaries, out ZoneStore store, int maxRecords = 1000, string? keyFile = null, long maxBytes = long.MaxValue)
    {
        var options = new ZoneOptions
        {
            Origin = "example", File = CopyPath, Primaries = [.. primaries.Select(primary => primary.ToString())], MaxRecords = maxRecords, TsigKeyFile = keyFile,
        };
        var result = ZoneLoader.Load(null, new Dictionary<string, ZoneOptions> { ["corp"] = options }, maxBytes: maxBytes);
        Assert.Empty(result.Errors);
        store = result.Store!;
        return result.Transfers!;
    }

    private void Save(string zone)
    {
        var errors = new ZoneErrors();
        var reader = new ZoneFileReader(null, errors);
        reader.Read("z", Encoding.ASCII.GetBytes("$TTL 60\n" + zone), DomainName.Parse("example."));
        Assert.Null(ZoneCopy.Save(CopyPath, reader.Records, _time.GetUtcNow()));
    }

    /// <summary>Waits for what happens on other threads.</summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, string.Join('\n', _log.Lines));
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Lets time pass in steps, each when the zone's task has begun to wait for the next, until a condition holds.</summary>
    private async Task PassAsync(ZoneTransfers transfers, TimeSpan time, Func<bool> condition, int step = 60)
    {
        var end = _time.GetUtcNow() + time;
        while (_time.GetUtcNow() < end)
        {
            await UntilAsync(() => !transfers.Zones[0].IsAsking && _time.PendingTimers > 0);
            _time.Advance(TimeSpan.FromSeconds(step));
        }

        await UntilAsync(condition);
    }

    /// <summary>A primary on loopback that answers SOA, and AXFR and IXFR with the whole zone.</summary>
    private sealed class ScriptedPrimary : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stopping = new();

        public ScriptedPrimary(string zone)
        {
            Zone = zone;
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Zone { get; set; }

        public int Transfers { get; private set; }

        public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

        public void Dispose()
        {
            _stopping.Cancel();
            _listener.Dispose();
            _stopping.Dispose();
        }

        private async Task AcceptAsync()
        {
            while (!_stopping.IsCancellationRequested)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await ServeAsync(client.GetStream());
            }
        }

        private async Task ServeAsync(NetworkStream stream)
        {
            try
            {
                var head = new byte[2];
                while (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false) == 2)
                {
                    var query = new byte[(head[0] << 8) | head[1]];
                    await stream.ReadExactlyAsync(query);
                    Assert.True(DnsMessageReader.TryRead(query, out var message));
                    var response = DnsMessageWriter.ToArray(Answer(message))!;
                    await stream.WriteAsync((byte[])[(byte)(response.Length >> 8), (byte)response.Length, .. response]);
                }
            }
            catch (IOException)
            {
                // The secondary gave the connection up.
            }
        }

        private DnsMessage Answer(DnsMessage query)
        {
            var errors = new ZoneErrors();
            var reader = new ZoneFileReader(null, errors);
            reader.Read("z", Encoding.ASCII.GetBytes("$TTL 60\n" + Zone), DomainName.Parse("example."));
            var records = reader.Records.ConvertAll(record => new ResourceRecord(DomainName.FromChecked(record.Owner), record.Type, RecordClass.IN, record.Ttl, record.Data));
            var isTransfer = query.Questions[0].Type != RecordType.SOA;
            Transfers += isTransfer ? 1 : 0;
            return new DnsMessage { Id = query.Id, IsResponse = true, IsAuthoritative = true, Questions = query.Questions, Answer = isTransfer ? [.. records, records[0]] : [records[0]] };
        }
    }
}
