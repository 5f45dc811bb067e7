using System.Security.Cryptography;

namespace DnsFlow.Lists;

/// <summary>
/// When lists are refreshed: after <c>Refresh</c> give or take a tenth, so that not everybody asks a server at the same time; sooner after a failure, and at once
/// when an address was never fetched.
/// </summary>
internal sealed class ListSchedule(TimeProvider time)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);      // a clock that was set is noticed

    private static readonly TimeSpan s_retry = TimeSpan.FromMinutes(10);

    /// <summary>Whether a list is due.</summary>
    public bool IsDue(ListState list) => list.DueAt is { } due && due <= time.GetUtcNow();

    /// <summary>How long until one of the lists is due; infinite when none will be.</summary>
    public TimeSpan Next(IEnumerable<ListState> lists)
    {
        var next = lists.Min(static list => list.DueAt);
        var wait = next - time.GetUtcNow();
        return wait is null ? Timeout.InfiniteTimeSpan : wait < s_shortest ? s_shortest : wait > s_longest ? s_longest
            : TimeSpan.FromMilliseconds(Math.Ceiling(wait.Value.TotalMilliseconds));        // timers cut what is below: one that ended so much early would find nothing due
    }

    /// <summary>Plans the first refresh of a list that was read.</summary>
    public void Begin(ListState list)
    {
        if (ListPaths.Sources(list.Options).Any(ListSource.IsAddress) && (list.Missing is not null || list.Options.Refresh > TimeSpan.Zero))
        {
            list.DueAt = time.GetUtcNow();      // a copy may be old
        }
        else
        {
            Plan(list);
        }
    }

    /// <summary>Plans the next refresh.</summary>
    public void Plan(ListState list)
    {
        var isMissing = list.Missing is not null;
        if (list.Options.Refresh == TimeSpan.Zero && !isMissing)
        {
            list.DueAt = null;
            return;
        }

        var wait = list.Error is null ? list.Options.Refresh
            : list.Options.Refresh == TimeSpan.Zero || list.Options.Refresh > s_retry ? s_retry
            : list.Options.Refresh;
        list.DueAt = time.GetUtcNow() + (wait * (0.9 + (RandomNumberGenerator.GetInt32(2001) / 10_000.0)));
    }
}
