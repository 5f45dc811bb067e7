using DnsFlow.Limits;
using DnsFlow.Server;
using DnsFlow.TestKit;
using DnsFlow.Tests.Caching;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Server;

public sealed class SavedCacheTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly RecordingLogger _logger = new();
    private readonly MonotonicClock _clock = new(new ManualTimeProvider());

    [Fact]
    public void Load_SameGroupAgain_HasItsResponses()
    {
        using var before = Cache();
        before.Store(new Question("a.example"), 7);
        Saved(before).Save([Group(1, "192.0.2.1")]);
        using var after = Cache();
        Saved(after).Load([Group(9, "192.0.2.1")]);
        Assert.Equal(7u, after.Ask(new Question("a.example", Partition: 9)).Address);
    }

    [Fact]
    public void Load_GroupHasOtherServers_IsEmpty()
    {
        using var before = Cache();
        before.Store(new Question("a.example"), 7);
        Saved(before).Save([Group(1, "192.0.2.1")]);
        using var after = Cache();
        Saved(after).Load([Group(1, "192.0.2.2")]);
        Assert.Equal(0, after.Statistics.Entries);
    }

    [Fact]
    public void Load_Broken_IsSetAsideWithOneLine()
    {
        File.WriteAllText(_path, "not a cache");
        using var cache = Cache();
        Saved(cache).Load([Group(1, "192.0.2.1")]);
        Assert.Equal($"Warning The saved cache {_path} was set aside: it is no saved cache.", Assert.Single(_logger.Lines));
        Assert.False(File.Exists(_path));
        Assert.True(File.Exists(_path + ".bad"));
    }

    [Fact]
    public void Load_NoFile_SaysNothing()
    {
        using var cache = Cache();
        Saved(cache).Load([]);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Save_NoPlace_SaysSoAndLeavesTheOldFile()
    {
        Directory.CreateDirectory(_path);
        File.WriteAllText(Path.Combine(_path, "old"), "");
        using var cache = Cache();
        Saved(cache).Save([]);
        Assert.StartsWith($"Warning The cache cannot be saved to {_path}", Assert.Single(_logger.Lines), StringComparison.Ordinal);
        Directory.Delete(_path, recursive: true);
    }

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(_path + ".bad");
        File.Delete(_path + ".new");
    }

    private static UpstreamGroup Group(uint partition, string server) => new("default", partition, new UpstreamGroupOptions { Servers = [server] });

    private CacheHarness Cache() => new() { Now = _clock.Now };

    private SavedCache Saved(CacheHarness cache) => new(_path, cache.Cache, 1 << 20, _clock, _logger);
}
