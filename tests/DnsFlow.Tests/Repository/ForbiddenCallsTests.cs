namespace DnsFlow.Tests.Repository;

/// <summary>Calls that break a rule of the house: time and chance come through the constructor, nothing blocks, nothing is lost.</summary>
public class ForbiddenCallsTests
{
    private static readonly ForbiddenCall[] InProduct =
    [
        ForbiddenCall.Of("wall clock", @"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b", "TimeProvider.GetUtcNow"),
        ForbiddenCall.Of("process clock", @"\bStopwatch\.|\bnew Stopwatch\b|\bEnvironment\.TickCount", "MonotonicClock or TimeProvider.GetTimestamp"),
        ForbiddenCall.Of("sleep", @"\bThread\.Sleep\b|\bSpinWait\b", "a wait that can be ended"),
        ForbiddenCall.Of(
            "decision by the clock of a regular expression", @"\bnew Regex\([^;]*,\s*(TimeSpan|\w*[tT]ime\w*)\b|\bRegexMatchTimeoutException\b",
            "RegexOptions.NonBacktracking and a bounded expression: what ran out of time on a busy machine would not match its rule"),
        ForbiddenCall.Of("delay without a clock", @"\bTask\.Delay\((?![^;]*\b_?time\b)(?![^;]*\.Time\b)", "the overload with a TimeProvider"),
        ForbiddenCall.Of(
            "time-out without a clock",
            @"\bnew CancellationTokenSource\((?=[^)])(?![^;]*\b_?time\b)(?![^;]*\.Time\b)",
            "the constructor with a TimeProvider"),
        ForbiddenCall.Of("shared chance", @"\bRandom\.Shared\b|\bnew Random\(", "a generator passed in; RandomNumberGenerator for what must not be guessed"),
        ForbiddenCall.Of("async void", @"\basync void\b", "async Task, and somebody who awaits it"),
        ForbiddenCall.Of("task nobody owns", @"\bTask\.Run\(|\bTask\.Factory\b|\bThreadPool\.QueueUserWorkItem\b", "a method that is awaited, or a thread with an owner"),
        ForbiddenCall.Of("blocking on a task", @"\.Wait\(\)|\.GetAwaiter\(\)\s*\.GetResult\(\)|\bTask\.Wait(All|Any)\(", "await"),
        ForbiddenCall.Of("swallowed exception", @"^\s*catch\b[^{;]*\{\s*\}", "a counter, or say the reason", seesComments: true),
        ForbiddenCall.Of("unfinished code", @"\bNotImplementedException\b", "finished code"),
        ForbiddenCall.Of("unchecked buffer", @"\bArrayPool<\w+>|\bMemoryPool<\w+>", "Buffers.Rent and Buffers.Return, which a debug build checks"),
        ForbiddenCall.Of("console", @"\bConsole\.(Out|Error|Write|WriteLine)\b", "a logger or a TextWriter passed in"),
    ];

    private static readonly ForbiddenCall[] InTests =
    [
        ForbiddenCall.Of("sleep", @"\bThread\.Sleep\b|\bTask\.Delay\(", "ManualTimeProvider, or waiting for the event itself"),
        ForbiddenCall.Of("wall clock", @"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b", "ManualTimeProvider"),
        ForbiddenCall.Of("shared chance", @"\bRandom\.Shared\b|\bnew Random\(\)", "a seed, so that a failure can be repeated"),
    ];

    /// <summary>(rule, file) that is right nevertheless, and why.</summary>
    private static readonly Dictionary<(string Rule, string Path), string> Allowed = new()
    {
        [("console", "src/DnsFlow.Service/Program.cs")] = "this is the program; it passes the writers in",
        [("unchecked buffer", "src/DnsFlow/Limits/Buffers.cs")] = "this is where all are rented",
        [("unchecked buffer", "src/DnsFlow/Limits/CheckedBufferPool.cs")] = "this is the check",
        [("unchecked buffer", "src/DnsFlow/Transports/Https/HttpsServer.cs")] = "the HTTP server keeps its blocks in a pool of the framework's",
        [("unchecked buffer", "src/DnsFlow/Transports/Https/HttpsConnectionContext.cs")] = "it hands that pool to the HTTP server",
    };

    public static TheoryData<ForbiddenCall> ProductRules => [.. InProduct];

    public static TheoryData<ForbiddenCall> TestRules => [.. InTests];

    [Theory]
    [MemberData(nameof(ProductRules))]
    public void Product_DoesNotCallIt(ForbiddenCall rule) => Findings.AssertNone(Find(rule, SourceTree.Product));

    [Theory]
    [MemberData(nameof(TestRules))]
    public void Tests_DoNotCallIt(ForbiddenCall rule) => Findings.AssertNone(Find(rule, SourceTree.Tests));

    [Fact]
    public void EveryException_IsNeeded()
    {
        var files = SourceTree.Product.Concat(SourceTree.Tests).ToDictionary(file => file.Path);
        var stale = Allowed.Keys.Where(key => files.TryGetValue(key.Path, out var file)
            && !InProduct.Concat(InTests).Any(rule => rule.Name == key.Rule && rule.Lines(file).Any()));
        Findings.AssertNone(stale);
    }

    [Theory]
    [InlineData("decision by the clock of a regular expression", "regex = new(new Regex(text, Options, s_timeLimit));", true)]
    [InlineData("decision by the clock of a regular expression", "regex = new(new Regex(text, Options));", false)]
    [InlineData("wall clock", "var now = DateTime.UtcNow;", true)]
    [InlineData("wall clock", "var now = time.GetUtcNow();", false)]
    [InlineData("delay without a clock", "await Task.Delay(wait, stopping);", true)]
    [InlineData("delay without a clock", "await Task.Delay(wait, _time, stopping);", false)]
    [InlineData("delay without a clock", "await Task.Delay(\n    wait,\n    clock.Time, stopping);", false)]
    [InlineData("time-out without a clock", "using var source = new CancellationTokenSource(limit);", true)]
    [InlineData("time-out without a clock", "using var source = new CancellationTokenSource();", false)]
    [InlineData("blocking on a task", "task.GetAwaiter().GetResult();", true)]
    [InlineData("unchecked buffer", "var buffer = ArrayPool<byte>.Shared.Rent(512);", true)]
    [InlineData("unchecked buffer", "var buffer = Buffers.Rent(512);", false)]
    [InlineData("swallowed exception", "catch (SocketException)\n{\n}", true)]
    [InlineData("swallowed exception", "catch (SocketException)\n{\n    counter++;\n}", false)]
    [InlineData("swallowed exception", "catch (SocketException)\n{\n    // Gone already.\n}", false)]
    public void Rule_Example_IsJudged(string rule, string code, bool isForbidden) =>
        Assert.Equal(isForbidden, InProduct.Single(r => r.Name == rule).Lines(new SourceFile("a.cs", code)).Any());

    private static IEnumerable<string> Find(ForbiddenCall rule, IReadOnlyList<SourceFile> files) =>
        from file in files
        where !Allowed.ContainsKey((rule.Name, file.Path))
        from line in rule.Lines(file)
        select $"{file.Path}:{line}: {rule.Name}; use {rule.Instead}";
}
