using System.Collections.Immutable;
using DnsFlow.Transports.Dialing;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Lists;

/// <summary>
/// Keeps lists between plans: a list whose options and sources are as before is not read again. Refreshes those of the plan in force, on their schedule and on
/// demand. One for the life of a proxy. Thread safe.
/// </summary>
internal sealed class ListStore : IListService, IDisposable
{
    private readonly TimeProvider _time;
    private readonly BootstrapResolver _resolver;
    private readonly ListRefresher _refresher;
    private readonly ListSchedule _schedule;
    private TaskCompletionSource _rescheduled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile ListSet _active = ListSet.Empty;

    /// <summary>Makes a store without lists. <paramref name="fetcher"/> and <paramref name="resolver"/> are given by tests.</summary>
    public ListStore(TimeProvider time, ILogger logger, BootstrapResolver? resolver = null, ListFetcher? fetcher = null)
    {
        _time = time;
        _resolver = resolver ?? new BootstrapResolver(time);
        _refresher = new ListRefresher(fetcher ?? new ListFetcher(_resolver, time), time, logger);
        _schedule = new ListSchedule(time);
    }

    /// <summary>The lists of the plan in force.</summary>
    public ListSet Active => _active;

    /// <summary>
    /// Makes the lists of a plan, reading what is new or has changed; addresses are not fetched here, their last good copies are read. What cannot be read
    /// is noted, and then the set is not to be used.
    /// </summary>
    /// <param name="options">The lists by name.</param>
    /// <param name="place">Where files are, and what bounds all lists together.</param>
    /// <param name="addError">Takes what is wrong: a list's name, and the sentence.</param>
    public ListSet Prepare(IReadOnlyDictionary<string, ListOptions> options, ListPlace place, Action<string, string> addError)
    {
        var known = Active.Lists.ToDictionary(static list => list.Name, StringComparer.OrdinalIgnoreCase);
        var states = ImmutableArray.CreateBuilder<ListState>(options.Count);
        var left = place.MaxBytes;
        foreach (var (name, list) in options)
        {
            var state = Load(new ListState(name, list, place.Folder), known.GetValueOrDefault(name), place.Copies, left, out var error);
            states.Add(state);
            left -= state.Data?.Bytes ?? 0;
            if (error is not null)
            {
                addError(name, error);
            }
        }

        return new ListSet(states.ToImmutable(), place);
    }

    /// <summary>Takes the lists of a plan that is in force from now on.</summary>
    public void Activate(ListSet lists)
    {
        _resolver.Servers = lists.Place.Bootstrap;
        var before = _active.Lists.Select(static list => list.Data).ToHashSet();
        _active = lists;
        lists.Update();     // what was refreshed since they were prepared
        ListMemory.Settle(lists.Lists.Select(static list => list.Data).Where(data => !before.Contains(data)).Sum(static data => data?.Bytes ?? 0));
        Reschedule();
    }

    /// <summary>Refreshes lists on their schedule until <paramref name="stopping"/>.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var rescheduled = Volatile.Read(ref _rescheduled).Task;
                foreach (var list in Active.Lists.Where(_schedule.IsDue))
                {
                    await RefreshAsync(list, force: false, stopping).ConfigureAwait(false);
                }

                await WaitAsync(_schedule.Next(Active.Lists), rescheduled, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The proxy stops.
            return;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ListReport> Describe() => [.. Active.Lists.Select(static list => list.Report())];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ListReport>> RefreshAsync(string? list, bool force, CancellationToken cancellationToken)
    {
        var reports = new List<ListReport>();
        foreach (var state in Active.Lists.Where(state => list is null || string.Equals(state.Name, list, StringComparison.OrdinalIgnoreCase)))
        {
            await RefreshAsync(state, force, cancellationToken).ConfigureAwait(false);
            reports.Add(state.Report());
        }

        return reports;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _refresher.Dispose();
        _gate.Dispose();
    }

    /// <summary>Waits until a list may be due; no timer runs when none ever is.</summary>
    private async Task WaitAsync(TimeSpan wait, Task rescheduled, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(Task.Delay(wait, _time, over.Token), rescheduled).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested();
    }

    private void Reschedule()
        => Interlocked.Exchange(ref _rescheduled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task RefreshAsync(ListState list, bool force, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var set = Active;
            var left = set.Place.MaxBytes - set.Lists.Where(other => other != list).Sum(static other => other.Data?.Bytes ?? 0);
            if (await _refresher.RefreshAsync(list, set.Place.Copies, left, force, cancellationToken).ConfigureAwait(false))
            {
                Active.Update();
                ListMemory.Settle(list.Data!.Bytes);
            }

            _schedule.Plan(list);
            Reschedule();
        }
        finally
        {
            _gate.Release();
        }
    }

    private ListState Load(ListState state, ListState? known, ListCopies copies, long maxBytes, out string? error)
    {
        var stamps = ListPaths.Stamps(state, copies);
        if (known is { Data: not null } && ListPaths.IsSame(known, state) && known.Stamps.SequenceEqual(stamps))
        {
            error = null;
            return known;
        }

        var data = ListLoader.Load(state, stamps, maxBytes, out error, out var culprit);
        if (culprit is not null && ListSource.IsAddress(culprit) && data is null)
        {
            // A copy that is no list must not keep the proxy from starting: it is fetched again.
            copies.SetAside(culprit);
            stamps = ListPaths.Stamps(state, copies);
            data = ListLoader.Load(state, stamps, maxBytes, out error, out _);
        }

        if (data is not null && known is { Data: { } before } && ListPaths.IsSame(known, state) && ListRefresher.HasShrunk(before, data))
        {
            known.Error = ListRefresher.ShrunkError(before, data);
            return known;
        }

        if (data is not null)
        {
            state.Accept(data, stamps, _time.GetUtcNow());
            _schedule.Begin(state);
        }

        return state;
    }
}
