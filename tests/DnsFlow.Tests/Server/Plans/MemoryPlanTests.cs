using DnsFlow.Limits;
using DnsFlow.Server;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using DnsFlow.TestKit;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Server.Plans;

public class MemoryPlanTests
{
    private const long MiB = 1L << 20;

    [Fact]
    public void TryRead_Nothing_IsTheGeneralProfileAndFits()
    {
        var options = Read([], out var errors);
        Assert.Empty(errors);
        Assert.Equal(("general", 16_384, 64 * MiB), (options.Limits.Profile, options.Limits.Flows, options.Cache.MaxBytes));
    }

    [Fact]
    public void TryRead_SmallProfile_SetsTheDefaultsAndLeavesWhatIsWritten()
    {
        var options = Read([("Limits:Profile", "SMALL"), ("Limits:StreamFlows", "300"), ("Cache:MaxBytes", "4MB")], out var errors);
        Assert.Empty(errors);
        Assert.Equal(("small", 4_096, 300, 2_048), (options.Limits.Profile, options.Limits.Flows, options.Limits.StreamFlows, options.Limits.InFlight));
        Assert.Equal((24 * MiB, 4 * MiB), (options.Limits.Memory, options.Cache.MaxBytes));
    }

    [Fact]
    public void TryRead_UnknownProfile_IsOneError()
    {
        Read([("Limits:Profile", "smal")], out var errors);
        Assert.Equal("DnsFlow:Limits:Profile", Assert.Single(errors).Path);
    }

    [Fact]
    public void TryRead_PoolsAboveMemory_NamesTheKeysAndWhatWouldDo()
    {
        Read([("Limits:Memory", "32MB"), ("Limits:Flows", "4096"), ("Limits:InFlight", "2048"), ("Shards", "1")], out var errors);
        var error = Assert.Single(errors);
        Assert.Equal("DnsFlow:Limits:Memory", error.Path);
        Assert.Contains("32MB is too little: Cache:MaxBytes takes 64MB, Limits:Flows ", error.Message, StringComparison.Ordinal);
        var needed = error.Message.Split("; ")[1].Split(' ')[0];
        Read([("Limits:Memory", needed), ("Limits:Flows", "4096"), ("Limits:InFlight", "2048"), ("Shards", "1")], out errors);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData(1024, "general", 256)]
    [InlineData(300, "general", 200)]
    [InlineData(100, "small", 24)]
    [InlineData(30, "small", 20)]
    public void Profile_WhatTheSystemLeaves_ChoosesAndCaps(long available, string profile, long memory)
    {
        var options = new ProxyOptions();
        LimitProfiles.Apply(options, SettingsReader.Nothing("DnsFlow", new SettingsErrors()), available * MiB);
        LimitProfiles.Cap(options, available * MiB);
        Assert.Equal((profile, memory * MiB), (options.Limits.Profile, options.Limits.Memory));
        Assert.Null(MemoryPlan.Of(options).Problem(options.Limits.Memory));
    }

    [Fact]
    public void Of_Tables_CoverWhatAShardMakes()
    {
        var options = new ProxyOptions { Shards = 1, Limits = new LimitOptions { Flows = 1024, InFlight = 256 } };
        var plan = MemoryPlan.Of(options);
        using var shard = new ShardHarness(options.Limits);
        Assert.InRange(shard.Shard.TableBytes, 1, plan.Flows + plan.Questions);
    }

    private static ProxyOptions Read((string Key, string Value)[] settings, out IReadOnlyList<SettingsError> errors)
    {
        var found = new SettingsErrors();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>("DnsFlow:" + setting.Key, setting.Value))).Build();
        ProxyOptions.TryRead(configuration.GetSection("DnsFlow"), out var options, found);
        errors = [.. found];
        return options;
    }
}
