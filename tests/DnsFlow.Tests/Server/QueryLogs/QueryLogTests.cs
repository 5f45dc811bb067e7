using System.Net.Sockets;
using System.Text;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Server;
using DnsFlow.Server.Plans;
using DnsFlow.Server.QueryLogs;
using DnsFlow.TestKit;
using DnsFlow.Tests.Policy;
using DnsFlow.Tests.Service.Captures;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Server.QueryLogs;

public sealed class QueryLogTests : IDisposable
{
    private const string Rules = """
        "QueryRules": [
          { "Name": "ads", "When": { "Domains": ["ads.example"] }, "Action": "block" },
          { "Name": "gone", "When": { "Domains": ["gone.example"] }, "Action": "drop" },
          { "Name": "rest", "Action": "answer", "Records": ["A 192.0.2.1"] }]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-log").FullName;

    private string File => Path.Combine(_folder, "queries.jsonl");

    [Fact]
    public async Task File_EveryDecision_IsReadBackAsTheQueriesThatWereAsked()
    {
        byte[][] asked = [Wire.Query("ads.example"), Wire.Query("WWW.example", RecordType.AAAA), Wire.Query(@"we\"".example", RecordType.TXT)];
        await using (var proxy = await ProxyHarness.StartAsync($$""" "Stats": { "Privacy": "full", "QueryLog": { "Sink": "file", "Path": "{{File}}" } }, {{Rules}} """))
        {
            foreach (var query in asked)
            {
                await proxy.AskAsync(query);
            }

            Assert.Contains(proxy.Stats.Queues, static queue => queue is { Queue: "queryLog", Capacity: 8_192 });
            Assert.Null(proxy.Server.LastQueries(10));
        }

        var lines = await System.IO.File.ReadAllLinesAsync(File);
        Assert.EndsWith("""
            "name":"ads.example.","type":"A","result":"answered","rule":"ads","action":"block","outcome":"blocked","code":"NXDOMAIN"}
            """.Trim(), lines[0], StringComparison.Ordinal);
        var (sink, report) = RecordingCaptureSink.Read(await System.IO.File.ReadAllBytesAsync(File));
        Assert.Null(report.Problem);
        Assert.Equal(
            asked.Select(static query => Convert.ToHexString(query.AsSpan(DnsHeader.Size)).ToUpperInvariant().Replace("575757", "777777", StringComparison.Ordinal)),
            sink.Messages.Select(static message => Convert.ToHexString(message.Octets.AsSpan(DnsHeader.Size))));
        Assert.All(sink.Messages, static message => Assert.Equal(("127.0.0.1", FlowTransport.Udp), (message.Source.ToAddress().ToString(), message.Transport)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public async Task Memory_LastQueries_AreTheNewestAndAnonymous()
    {
        await using var proxy = await ProxyHarness.StartAsync($$""" "Stats": { "QueryLog": { "Sink": "memory" } }, {{Rules}} """);
        await proxy.AskAsync(Wire.Query("ads.example"));
        await proxy.AskAsync(Wire.Query("www.example"));
        await TestWait.Until(() => proxy.Server.LastQueries(10)!.Count == 2);
        var newest = Assert.Single(proxy.Server.LastQueries(1)!);
        Assert.Contains(""""client":"127.0.0.0","listener":"local","transport":"udp","name":"www.example."""", newest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_PassedAndShedQueries_AreNoted()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.7"));
        await using var proxy = await ProxyHarness.StartAsync(
            $$"""
            "Stats": { "Privacy": "full", "QueryLog": { "Sink": "memory" } },
            "Upstreams": { "system": { "Servers": ["{{upstream.Endpoint}}"] }, "default": { "Servers": ["{{upstream.Endpoint}}"] } },
            "Limits": { "PerClient": { "Rate": "1/m", "Burst": 2, "Exempt": [] } },
            "FlowRules": [{ "Name": "vpn", "Verdict": "pass" }], "QueryRules": [{ "Action": "refuse" }]
            """);
        await proxy.AskAsync(Wire.Query("one.example"));
        await proxy.AskAsync(Wire.Query("two.example"));
        using var client = new UdpClient(AddressFamily.InterNetwork);
        await client.SendAsync(Wire.Query("three.example", RecordType.TXT), proxy.Endpoint);      // it may get no answer
        await TestWait.Until(() => proxy.Server.LastQueries(10)!.Count == 3);
        var lines = proxy.Server.LastQueries(10)!;
        Assert.EndsWith("\"name\":\"three.example.\",\"type\":\"TXT\",\"result\":\"shed\",\"reason\":\"clientRate\"}", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("\"name\":\"two.example.\",\"type\":\"A\",\"result\":\"passed\"}", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Queue_FloodOfShedQueries_NotesAHundredInASecondAndCountsTheRest()
    {
        var queue = new QueryLogQueue();
        var log = new EngineLog(queue, ["local"], [], TestRules.Query("""[{ "Action": "refuse" }]"""), TestRules.Query("""[{ "Action": "refuse" }]"""));
        var question = new AskedQuestion("www.example");
        var (flow, message) = (question.Flow(), question.Message());
        for (var i = 0; i < 3_000; i++)
        {
            log.NoteShed(message, flow, i * 1_000L, ShedReason.FlowInFlight);
        }

        Assert.Equal((300, 2_700), (queue.Count, queue.Dropped));
        Assert.True(queue.TryTake(out var query));
        Assert.Equal((LoggedResult.Shed, ShedReason.FlowInFlight, RecordType.A, log), (query.Result, query.Reason, query.Type, query.Names));
    }

    [Fact]
    public void Read_ShedLines_AreDecidedAboutOnce()
    {
        var (sink, report) = RecordingCaptureSink.Read(Encoding.UTF8.GetBytes("""
            {"client":"192.0.2.1","name":"a.example.","type":"A","result":"forwarded","group":"default"}
            {"client":"192.0.2.1","name":"a.example.","type":"A","result":"shed","reason":"inFlightFull"}
            {"client":"192.0.2.1","name":"b.example.","type":"A","result":"shed","reason":"clientRate"}
            {"client":"192.0.2.1","name":"c.example.","type":"A","result":"passed"}

            """));
        Assert.Null(report.Problem);
        Assert.Equal(3, sink.Messages.Count);
        Assert.Equal(1, report.Skipped["turned away after it was decided about"]);
    }

    [Fact]
    public void Memory_AtItsBound_ForgetsTheOldest()
    {
        var memory = new QueryLogMemory(1_000);
        for (var i = 0; i < 100; i++)
        {
            memory.Write(Encoding.UTF8.GetBytes($"{{\"line\":{i}}}\n{{\"and\":{i}}}\n"));
        }

        Assert.InRange(memory.Bytes, 1, 1_000);
        Assert.Equal(["""{"and":99}""", """{"line":99}"""], memory.Last(2));
    }

    [Fact]
    public void File_AtItsBound_IsRenamedAndTheOldestGoes()
    {
        var file = new QueryLogFile(File, maxBytes: 100, files: 2);
        for (var i = 0; i < 10; i++)
        {
            file.Write(Encoding.UTF8.GetBytes($"{i}{new string('x', 58)}\n"));
        }

        Assert.Equal(["queries.jsonl", "queries.jsonl.1", "queries.jsonl.2"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order());
        Assert.Equal("987", $"{System.IO.File.ReadAllText(File)[0]}{System.IO.File.ReadAllText(File + ".1")[0]}{System.IO.File.ReadAllText(File + ".2")[0]}");
    }

    [Fact]
    public void File_MovedAway_IsBegunAnew()
    {
        var file = new QueryLogFile(File, maxBytes: 1_000, files: 2);
        file.Write("one\n"u8);
        System.IO.File.Move(File, File + ".away");
        file.Write("two\n"u8);
        Assert.Equal("two\n", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void Queue_Full_DropsAndCountsAndAllocatesNothing()
    {
        var queue = new QueryLogQueue();
        var log = new EngineLog(queue, ["local"], [], TestRules.Query("""[{ "Action": "refuse" }]"""), TestRules.Query("""[{ "Action": "refuse" }]"""));
        Fill(log, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill(log, QueryLogQueue.Capacity + 9);
        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / QueryLogQueue.Capacity);
        Assert.Equal((QueryLogQueue.Capacity, 10), (queue.Count, queue.Dropped));
        for (var i = 0; i < QueryLogQueue.Capacity; i++)
        {
            Assert.True(queue.TryTake(out var query));
            Assert.Equal((RecordType.A, log), (query.Type, query.Names));
        }

        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public async Task Write_SinkFails_IsCountedAndTriedAgainInTenSeconds()
    {
        var (time, sink) = (new ManualTimeProvider(), new FailingSink());
        await using var log = new QueryLog(sink, PrivacyLevel.Anonymous, new MonotonicClock(time), NullLogger.Instance);
        var notes = new EngineLog(log.Queue, ["local"], [], TestRules.Query("""[{ "Action": "refuse" }]"""), TestRules.Query("""[{ "Action": "refuse" }]"""));
        await TestWait.Until(() => time.PendingTimers > 0);
        await NoteAsync(3);
        Assert.Equal((1, 3), (sink.Attempts, log.Queue.Dropped));
        await NoteAsync(2);
        Assert.Equal((1, 5), (sink.Attempts, log.Queue.Dropped));
        sink.Works = true;
        time.Advance(TimeSpan.FromSeconds(10));
        await NoteAsync(1);
        Assert.Equal((2, 5), (sink.Attempts, log.Queue.Dropped));

        async Task NoteAsync(int count)
        {
            Fill(notes, count);
            time.Advance(TimeSpan.FromMilliseconds(60));
            await TestWait.Until(() => log.Queue.Count == 0);
            await TestWait.Until(() => sink.Written + log.Queue.Dropped == _noted);
        }
    }

    [Theory]
    [InlineData(""" "Sink": "file" """, "DnsFlow:Stats:QueryLog:Path  the file is missing")]
    [InlineData(""" "Sink": "dnstap" """, "DnsFlow:Stats:QueryLog:Sink  'dnstap' is not a sink; allowed: off, memory, file")]
    [InlineData(""" "Sink": "memory", "MaxBytes": "512MB" """, "DnsFlow:Stats:QueryLog:MaxBytes  is more than a quarter of Limits:Memory")]
    public void Options_Wrong_AreErrors(string log, string error)
    {
        var root = Settings.SettingsText.Layers($$"""{ "DnsFlow": { "Stats": { "QueryLog": { {{log}} } } } }""");
        Assert.Contains(error, ProxyConfiguration.Check(root, _folder));
    }

    [Fact]
    public void Options_PrivacyOfCounts_AllowsNoLog()
    {
        var root = Settings.SettingsText.Layers("""{ "DnsFlow": { "Stats": { "Privacy": "counts", "QueryLog": { "Sink": "memory" } } } }""");
        Assert.Contains("DnsFlow:Stats:QueryLog:Sink  names are noted there, which Stats:Privacy 'counts' does not allow", ProxyConfiguration.Check(root, _folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private int _noted;

    private void Fill(EngineLog log, int count)
    {
        var question = new AskedQuestion("www.example");
        var flow = question.Flow();
        var message = question.Message();
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var context = new QueryContext(message, ref flow, name, [], 3_600_000_000);
        for (var i = 0; i < count; i++)
        {
            log.Note(context, StepResult.Forward);
        }

        _noted += count;
    }

    private sealed class FailingSink : IQueryLogSink
    {
        public bool Works { get; set; }

        public int Attempts { get; private set; }

        public long Written { get; private set; }

        public void Write(ReadOnlySpan<byte> lines)
        {
            Attempts++;
            if (!Works)
            {
                throw new IOException("The disk is full.");
            }

            Written += lines.Count((byte)'\n');
        }

        public IReadOnlyList<string> Last(int max) => [];
    }
}
