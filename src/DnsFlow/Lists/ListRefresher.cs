using System.Globalization;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Lists;

/// <summary>Reads one list again: fetches its addresses, reads what has changed, and leaves the last good data in force when anything is wrong.</summary>
internal sealed partial class ListRefresher(ListFetcher fetcher, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Whether a list has lost more than half of its entries: mostly a broken list, not a better one.</summary>
    public static bool HasShrunk(ListData before, ListData now) => now.Count * 2L < before.Count;

    /// <summary>What is said of a list that has shrunk.</summary>
    public static string ShrunkError(ListData before, ListData now) => string.Create(
        CultureInfo.InvariantCulture, $"it has shrunk from {before.Count:N0} to {now.Count:N0} entries; the old ones stay in force unless the refresh is forced");

    /// <summary>Refreshes; true when the list has new data.</summary>
    public async Task<bool> RefreshAsync(ListState list, ListCopies copies, long maxBytes, bool force, CancellationToken cancellationToken)
    {
        var fetched = new Dictionary<string, FetchedList>(StringComparer.Ordinal);
        try
        {
            foreach (var source in ListPaths.Sources(list.Options).Where(ListSource.IsAddress).Distinct(StringComparer.Ordinal))
            {
                fetched[source] = await fetcher.FetchAsync(source, copies, cancellationToken).ConfigureAwait(false);
            }

            var error = Take(list, copies, maxBytes, force, fetched, out var isNew);
            error ??= fetched.Where(static source => source.Value.Error is not null).Select(static source => $"{source.Key}: {source.Value.Error}").FirstOrDefault();
            Tell(list, error, isNew);
            return isNew;
        }
        finally
        {
            foreach (var path in fetched.Values.Select(static source => source.Path).OfType<string>())
            {
                File.Delete(path);      // kept ones have another name by now
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => fetcher.Dispose();

    private string? Take(ListState list, ListCopies copies, long maxBytes, bool force, Dictionary<string, FetchedList> fetched, out bool isNew)
    {
        isNew = false;
        var files = ListPaths.Sources(list.Options)
            .Select(source => fetched.GetValueOrDefault(source)?.Path is { } path ? SourceStamp.Of(path) : ListPaths.Stamp(list, source, copies)).ToList();
        if (list.Data is not null && files.SequenceEqual(list.Stamps))
        {
            if (!fetched.Values.Any(static source => source.Error is not null))
            {
                list.Confirm(time.GetUtcNow());
            }

            return null;
        }

        if (ListLoader.Load(list, files, maxBytes, out var error, out _) is not { } data)
        {
            return error;
        }

        if (!force && list.Data is { } before && HasShrunk(before, data))
        {
            return ShrunkError(before, data);
        }

        error = Keep(fetched, copies);
        list.Accept(data, ListPaths.Stamps(list, copies), time.GetUtcNow());
        isNew = true;
        return error;
    }

    /// <summary>Makes what was fetched the last good copies; a full disk does not keep the entries from being used.</summary>
    private static string? Keep(Dictionary<string, FetchedList> fetched, ListCopies copies)
    {
        try
        {
            foreach (var (source, file) in fetched.Where(static source => source.Value.Path is not null))
            {
                copies.Keep(source, file.Path!, file.Version);
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"the copy cannot be kept: {exception.Message}";
        }
    }

    private void Tell(ListState list, string? error, bool isNew)
    {
        if (error is not null)
        {
            list.Error = error;
            Log.Failed(logger, list.Name, list.Data?.Count ?? 0, error);
        }
        else if (isNew)
        {
            Log.Read(logger, list.Name, list.Data!.Count, list.Data.Sources.Sum(static source => source.Skipped.Values.Sum()));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(430, LogLevel.Information, "List {List} has {Entries} entries; {Skipped} lines were skipped.")]
        public static partial void Read(ILogger logger, string list, int entries, int skipped);

        [LoggerMessage(431, LogLevel.Warning, "List {List} was not refreshed, {Entries} entries stay in force: {Error}")]
        public static partial void Failed(ILogger logger, string list, int entries, string error);
    }
}
