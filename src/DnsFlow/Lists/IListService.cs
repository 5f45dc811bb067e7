namespace DnsFlow.Lists;

/// <summary>The lists in force, for whoever administers the proxy. Thread safe.</summary>
public interface IListService
{
    /// <summary>The lists by name.</summary>
    IReadOnlyList<ListReport> Describe();

    /// <summary>
    /// Reads lists again now: files that have changed, addresses with conditional requests. What fails leaves the last good entries in force, and the report says
    /// why. Lists are read one after another.
    /// </summary>
    /// <param name="list">The list; null = all. The result is empty when there is none of this name.</param>
    /// <param name="force">Whether a list is taken that has shrunk by more than half.</param>
    /// <param name="cancellationToken">Ends the waiting and the fetching.</param>
    Task<IReadOnlyList<ListReport>> RefreshAsync(string? list, bool force, CancellationToken cancellationToken);
}
