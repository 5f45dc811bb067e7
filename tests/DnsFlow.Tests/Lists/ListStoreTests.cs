using DnsFlow.Lists;
using DnsFlow.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Lists;

public sealed class ListStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-lists").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _errors = [];
    private readonly ListStore _store;

    public ListStoreTests() => _store = new ListStore(_time, NullLogger.Instance);

    [Fact]
    public void Prepare_SameOptionsAndFiles_KeepsWhatWasRead()
    {
        Write("ads.txt", "a.example\nb.example\n");
        var first = Activate("ads.txt");
        Assert.Same(first.Lists[0], Prepare("ads.txt").Lists[0]);
        Assert.Empty(_errors);
    }

    [Fact]
    public void Prepare_FileChanged_ReadsIt()
    {
        Write("ads.txt", "a.example\nb.example\n");
        Activate("ads.txt");
        Write("ads.txt", "c.example\nd.example\n", later: true);
        var set = Prepare("ads.txt");
        Assert.True(TestLists.Ask(set, "c.example").IsMatch);
        Assert.False(TestLists.Ask(set, "a.example").IsMatch);
        Assert.True(TestLists.Ask(_store.Active, "a.example").IsMatch);
    }

    [Fact]
    public void Prepare_MissingFile_IsAnErrorThatNamesIt()
    {
        Prepare("none.txt");
        Assert.StartsWith("ads: none.txt: it cannot be read: ", Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_ChangedFile_SwapsTheEntriesInTheSetInForce()
    {
        Write("ads.txt", "a.example\nb.example\n");
        var set = Activate("ads.txt");
        Write("ads.txt", "b.example\nc.example\n", later: true);
        var report = Assert.Single(await _store.RefreshAsync("ADS", force: false, CancellationToken.None));
        Assert.Equal((2, null), (report.Entries, report.Error));
        Assert.True(TestLists.Ask(set, "c.example").IsMatch);
        Assert.False(TestLists.Ask(set, "a.example").IsMatch);
        Assert.Equal(_time.GetUtcNow(), report.UpdatedAt);
    }

    [Theory]
    [InlineData("<html>gone</html>", "ads.txt: it is a web page, not a list")]
    [InlineData("a.exa\0mple\n", "ads.txt: line 1 has a NUL octet; a list is a text in ASCII or UTF-8")]
    [InlineData("a.example\n", "it has shrunk from 3 to 1 entries; the old ones stay in force unless the refresh is forced")]
    public async Task Refresh_BadFile_LeavesTheLastGoodInForceAndSaysWhy(string text, string error)
    {
        Write("ads.txt", "a.example\nb.example\nc.example\n");
        var set = Activate("ads.txt");
        Write("ads.txt", text, later: true);
        var report = Assert.Single(await _store.RefreshAsync(null, force: false, CancellationToken.None));
        Assert.Equal((3, error), (report.Entries, report.Error));
        Assert.True(TestLists.Ask(set, "c.example").IsMatch);
        Assert.Equal(error, Assert.Single(_store.Describe()).Error);
    }

    [Fact]
    public async Task Refresh_ForcedShrinking_IsTaken()
    {
        Write("ads.txt", "a.example\nb.example\nc.example\n");
        Activate("ads.txt");
        Write("ads.txt", "a.example\n", later: true);
        var report = Assert.Single(await _store.RefreshAsync("ads", force: true, CancellationToken.None));
        Assert.Equal((1, null), (report.Entries, report.Error));
    }

    [Fact]
    public async Task Refresh_UnknownList_ReportsNothing()
    {
        Write("ads.txt", "a.example\n");
        Activate("ads.txt");
        Assert.Empty(await _store.RefreshAsync("add", force: false, CancellationToken.None));
    }

    [Fact]
    public void Prepare_ListsBeyondTheirMemory_AreRefused()
    {
        Write("ads.txt", string.Join('\n', Enumerable.Range(0, 5_000).Select(i => $"n{i}.example")));
        _store.Prepare(new Dictionary<string, ListOptions> { ["ads"] = Options("ads.txt") }, Place(100_000), Note);
        Assert.StartsWith("ads: ads.txt: it does not fit into the memory for lists, 97 KiB of Limits:Memory are left", Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_AddressWithoutCopy_StartsWithoutItAndSaysSo()
    {
        Write("ads.txt", "a.example\n");
        var set = _store.Prepare(
            new Dictionary<string, ListOptions> { ["ads"] = new() { Sources = ["ads.txt", "https://lists.example/a.txt"] } }, Place(1 << 20), Note);
        Assert.Empty(_errors);
        Assert.True(TestLists.Ask(set, "a.example").IsMatch);
        Assert.Equal("https://lists.example/a.txt: it was not fetched yet", set.Lists[0].Error);
        Assert.Equal(_time.GetUtcNow(), set.Lists[0].DueAt);
    }

    [Fact]
    public async Task Run_AfterRefresh_ReadsAgain()
    {
        Write("ads.txt", "a.example\n");
        Activate("ads.txt", TimeSpan.FromMinutes(1));
        Write("ads.txt", "b.example\n", later: true);
        using var stopping = new CancellationTokenSource();
        var running = _store.RunAsync(stopping.Token);
        Assert.False(TestLists.Ask(_store.Active, "b.example").IsMatch);
        _time.Advance(TimeSpan.FromSeconds(70));
        Assert.True(SpinWait.SpinUntil(() => TestLists.Ask(_store.Active, "b.example").IsMatch, TimeSpan.FromSeconds(20)));
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Run_NoListIsEverDue_NoTimerRunsUntilOneIs()
    {
        using var stopping = new CancellationTokenSource();
        var running = _store.RunAsync(stopping.Token);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, _time.PendingTimers);

        Write("ads.txt", "a.example\n");
        Activate("ads.txt", TimeSpan.FromMinutes(1));
        await TestWait.Until(() => _time.PendingTimers == 1);
        Write("ads.txt", "b.example\n", later: true);
        _time.Advance(TimeSpan.FromSeconds(70));
        await TestWait.Until(() => TestLists.Ask(_store.Active, "b.example").IsMatch);
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public void Next_DueInsideOfAMillisecond_TheTimerDoesNotEndBefore()
    {
        Write("ads.txt", "a.example\n");
        var list = Activate("ads.txt").Lists[0];
        list.DueAt = _time.GetUtcNow() + TimeSpan.FromMinutes(1) + TimeSpan.FromTicks(1);
        var schedule = new ListSchedule(_time);
        _time.Advance(TimeSpan.FromMilliseconds((long)schedule.Next([list]).TotalMilliseconds));
        Assert.True(schedule.IsDue(list));
    }

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static ListOptions Options(string file, TimeSpan? refresh = null) => new() { Sources = [file], Refresh = refresh ?? TimeSpan.FromDays(1) };

    private ListPlace Place(long maxBytes) => new(_folder, new ListCopies(Path.Combine(_folder, "state")), maxBytes, []);

    private ListSet Prepare(string file, TimeSpan? refresh = null) =>
        _store.Prepare(new Dictionary<string, ListOptions> { ["ads"] = Options(file, refresh) }, Place(1 << 20), Note);

    private ListSet Activate(string file, TimeSpan? refresh = null)
    {
        var set = Prepare(file, refresh);
        _store.Activate(set);
        return set;
    }

    private void Note(string list, string error) => _errors.Add($"{list}: {error}");

    private void Write(string file, string text, bool later = false)
    {
        var path = Path.Combine(_folder, file);
        File.WriteAllText(path, text);
        if (later)
        {
            File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddSeconds(10));
        }
    }
}
