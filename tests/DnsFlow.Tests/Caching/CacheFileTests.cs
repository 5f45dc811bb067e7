using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Caching;

public sealed class CacheFileTests : IDisposable
{
    private const long MaxBytes = 1 << 20;
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly ManualTimeProvider _time = new();
    private readonly MonotonicClock _clock;

    public CacheFileTests() => _clock = new MonotonicClock(_time);

    [Fact]
    public void Load_WhatWasSaved_IsThereAndAsMuchOlder()
    {
        using var before = New();
        before.Store(new Question("a.example"), 7, ttl: 300);
        before.Store(new Question("a.example", Do: true), 8, ttl: 300, padding: 200);
        before.StoreNegative(new Question("no.example"), ttl: 300);
        before.Fail(new Question("failed.example"));
        Assert.Equal(3, Save(before));

        using var after = New(down: TimeSpan.FromSeconds(100));
        Assert.Equal(3, Load(after, out _));
        Assert.Equal((7u, 200u), (after.Ask(new Question("A.example")).Address, after.Ask(new Question("a.example")).Ttl));
        Assert.Equal(8u, after.Ask(new Question("a.example", Do: true)).Address);
        Assert.Equal(ResponseCode.NXDomain, after.Ask(new Question("no.example")).Code);
        Assert.False(after.Ask(new Question("failed.example")).IsHit);
        Assert.False(after.Ask(new Question("a.example", Partition: 2)).IsHit);
    }

    [Fact]
    public void Load_ClockWentBack_MakesNothingYounger()
    {
        using var before = New();
        before.Store(new Question("a.example"), 7, ttl: 300);
        before.Elapse(100);
        _time.Advance(TimeSpan.FromSeconds(100));
        Save(before);
        var earlier = new ManualTimeProvider();
        using var after = new CacheHarness { Now = new MonotonicClock(earlier).Now };
        Assert.Equal(1, CacheFile.Load(_path, after.Cache, Groups, new MonotonicClock(earlier), MaxBytes, out _));
        Assert.Equal(200u, after.Ask(new Question("a.example")).Ttl);
    }

    [Fact]
    public void Load_OverForGoodOrOfAnotherGroup_IsLeftOut()
    {
        using var before = New();
        before.Store(new Question("a.example"), 7, ttl: 60);
        before.Store(new Question("b.example", Partition: 2), 7, ttl: 6_000);
        before.Store(new Question("c.example", Partition: 3), 7, ttl: 6_000);
        Assert.Equal(2, CacheFile.Save(_path, before.Cache, new Dictionary<uint, string> { [1] = "default", [2] = "corp 10.0.0.1" }, _clock));

        using var later = New(down: TimeSpan.FromDays(2));
        Assert.Equal(0, CacheFile.Load(_path, later.Cache, new Dictionary<string, uint> { ["default"] = 5, ["corp 10.0.0.2"] = 6 }, _clock, MaxBytes, out var problem));
        Assert.Null(problem);
    }

    [Fact]
    public void Load_MorePartsAndLessRoom_HoldsWhatFits()
    {
        using var before = New();
        for (var i = 0; i < 2_000; i++)
        {
            before.Store(new Question($"n{i}.example"), (uint)i, ttl: 6_000);
        }

        Save(before);
        using var after = new CacheHarness(new CacheOptions { MaxBytes = 64 << 10 }, segments: 4) { Now = _clock.Now };
        Load(after, out _);
        Assert.InRange(after.Statistics.Bytes, 20_000, 64 << 10);
        Assert.InRange(Enumerable.Range(0, 2_000).Count(i => after.Ask(new Question($"n{i}.example")) is { IsHit: true } answer && answer.Address == i), 100, 1_000);
    }

    [Fact]
    public void Load_AnyOctetChangedOrMissing_IsOfNoUse()
    {
        using var before = New();
        before.Store(new Question("a.example"), 7, ttl: 300);
        before.StoreNegative(new Question("no.example"), ttl: 300);
        Save(before);
        var whole = File.ReadAllBytes(_path);
        for (var i = 0; i < whole.Length; i++)
        {
            var spoilt = (byte[])whole.Clone();
            spoilt[i] ^= 0x10;
            Refuses(spoilt);
            Refuses(whole[..i]);
        }

        Refuses([.. whole, 0]);
    }

    [Fact]
    public void Load_AnyContentWithTheRightChecksum_NeverThrowsNorSpoilsTheCache() => Prop.ForAll<byte[], int>((noise, place) =>
    {
        using var before = New();
        before.Store(new Question("a.example"), 7, ttl: 300);
        Save(before);
        var body = File.ReadAllBytes(_path)[..^32];
        var at = CacheFile.HeadSize + (int)((uint)place % (uint)(body.Length - CacheFile.HeadSize));
        noise.AsSpan(0, Math.Min(noise.Length, body.Length - at)).CopyTo(body.AsSpan(at));
        File.WriteAllBytes(_path, [.. body, .. System.Security.Cryptography.SHA256.HashData(body)]);
        using var after = New();
        var count = Load(after, out var problem);
        Assert.Equal(count is null, problem is not null);
        after.Ask(new Question("a.example"));
        after.Store(new Question("b.example"), 9);
        Assert.Equal(9u, after.Ask(new Question("b.example")).Address);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Load_OtherVersionOtherFileOrTooLarge_SaysSo()
    {
        using var cache = New();
        Save(cache);
        var whole = File.ReadAllBytes(_path);
        whole[14] = (byte)'2';
        File.WriteAllBytes(_path, whole);
        Load(cache, out var problem);
        Assert.Equal("another version wrote it", problem);
        File.WriteAllText(_path, "<html>" + new string(' ', 200));
        Load(cache, out problem);
        Assert.Equal("it is no saved cache", problem);
        File.WriteAllBytes(_path, new byte[MaxBytes + 1]);
        Load(cache, out problem);
        Assert.Equal("it has 1048577 octets, more than the cache may hold", problem);
    }

    [Fact]
    public void Save_File_IsForTheOwnerAlone()
    {
        using var cache = New();
        Save(cache);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
        }

        Assert.False(File.Exists(_path + ".new"));
    }

    public void Dispose() => File.Delete(_path);

    private static Dictionary<string, uint> Groups => new() { ["default"] = 1 };

    private CacheHarness New(TimeSpan down = default)
    {
        _time.Advance(down);
        return new CacheHarness { Now = _clock.Now };
    }

    private int Save(CacheHarness cache) => CacheFile.Save(_path, cache.Cache, new Dictionary<uint, string> { [1] = "default" }, _clock);

    private int? Load(CacheHarness cache, out string? problem) => CacheFile.Load(_path, cache.Cache, Groups, _clock, MaxBytes, out problem);

    private void Refuses(byte[] content)
    {
        File.WriteAllBytes(_path, content);
        using var cache = New();
        Assert.Null(Load(cache, out var problem));
        Assert.NotNull(problem);
        Assert.Equal(0, cache.Statistics.Entries);
    }
}
