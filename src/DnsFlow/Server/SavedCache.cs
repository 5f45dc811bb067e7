using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Server.Plans;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>
/// The cache that a stop leaves to the next start. Nothing about it keeps the proxy from starting or stopping: a file that is of no use is set aside with
/// one line in the log.
/// </summary>
internal sealed partial class SavedCache(string path, ResponseCache cache, long cacheBytes, MonotonicClock clock, ILogger logger)
{
    // What is small in memory is smaller in the file; what was saved with a larger cache may still be read in part.
    private const long Slack = 1 << 20;

    /// <summary>Puts the file into the cache, before the shards begin. What belongs to groups that are not the same any more is left out.</summary>
    public void Load(IEnumerable<UpstreamGroup> groups)
    {
        if (!cache.IsEnabled || !File.Exists(path))
        {
            return;
        }

        var partitions = new Dictionary<string, uint>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            partitions[IdentityOf(group)] = group.Partition;
        }

        try
        {
            if (CacheFile.Load(path, cache, partitions, clock, (2 * cacheBytes) + Slack, out var problem) is { } count)
            {
                Log.Loaded(logger, count, path);
            }
            else
            {
                cache.Flush();      // a part of it may be in already
                File.Move(path, path + ".bad", overwrite: true);
                Log.SetAside(logger, path, problem!);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotRead(logger, path, exception.Message);
        }
    }

    /// <summary>Writes the file, after the shards have ended.</summary>
    public void Save(IEnumerable<UpstreamGroup> groups)
    {
        if (!cache.IsEnabled)
        {
            return;
        }

        var partitions = new Dictionary<uint, string>();
        foreach (var group in groups)
        {
            partitions[group.Partition] = IdentityOf(group);
        }

        try
        {
            Log.Saved(logger, CacheFile.Save(path, cache, partitions, clock), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Log.NotWritten(logger, path, exception.Message);
        }
    }

    /// <summary>What a group's answers depend on: its name and servers; with <c>system:</c> those of the moment, for another network knows other names.</summary>
    private static string IdentityOf(UpstreamGroup group)
    {
        var identity = PlanBuilder.PartitionOf(group.Name, group.Options);
        return group.Options.Servers.Contains("system:") ? $"{identity} = {string.Join(' ', group.Servers.ToArray().Select(static server => server.Name))}" : identity;
    }

    private static partial class Log
    {
        [LoggerMessage(730, LogLevel.Information, "{Count} responses came into the cache from {Path}.")]
        public static partial void Loaded(ILogger logger, int count, string path);

        [LoggerMessage(731, LogLevel.Warning, "The saved cache {Path} was set aside: {Problem}.")]
        public static partial void SetAside(ILogger logger, string path, string problem);

        [LoggerMessage(732, LogLevel.Warning, "The saved cache {Path} cannot be read: {Problem}")]
        public static partial void NotRead(ILogger logger, string path, string problem);

        [LoggerMessage(733, LogLevel.Information, "{Count} responses of the cache were saved to {Path}.")]
        public static partial void Saved(ILogger logger, int count, string path);

        [LoggerMessage(734, LogLevel.Warning, "The cache cannot be saved to {Path}: {Problem}")]
        public static partial void NotWritten(ILogger logger, string path, string problem);
    }
}
