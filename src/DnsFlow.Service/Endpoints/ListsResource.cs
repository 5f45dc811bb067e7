using DnsFlow.Lists;

namespace DnsFlow.Service.Endpoints;

/// <summary>The lists, and reading them again.</summary>
internal sealed class ListsResource(IListService lists, IHostApplicationLifetime lifetime, TimeProvider time) : IHttpResource
{
    // A request takes ten seconds at most, a list that is slow to come longer.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<ListReport>>? _refreshing;

    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes => [new("GET", "/api/v1/lists", Show), new("POST", "/api/v1/lists/refresh", RefreshAsync)];

    private Task Show(HttpContext context) => HttpResponses.JsonAsync(context, lists.Describe(), HttpJson.Default.IReadOnlyListListReport);

    private async Task RefreshAsync(HttpContext context)
    {
        var name = context.Request.Query["name"].ToString();
        if (name.Length > 0 && !lists.Describe().Any(list => string.Equals(list.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            await HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status404NotFound, $"there is no list '{name}'"));
            return;
        }

        if (Begin(name.Length > 0 ? name : null, context.Request.Query["force"] == "true") is not { } refreshing)
        {
            await HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status409Conflict, "lists are being refreshed already"));
            return;
        }

        await Task.WhenAny(refreshing, Task.Delay(s_patience, time, context.RequestAborted));
        await HttpResponses.JsonAsync(
            context, refreshing.IsCompleted ? await refreshing : lists.Describe(), HttpJson.Default.IReadOnlyListListReport,
            refreshing.IsCompleted ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    // Reading a list takes a processor for a while; one at a time is enough. It goes on when the request does not wait for it.
    private Task<IReadOnlyList<ListReport>>? Begin(string? name, bool force)
    {
        lock (_lock)
        {
            return _refreshing is { IsCompleted: false } ? null : _refreshing = ReadAsync(name, force);
        }
    }

    private async Task<IReadOnlyList<ListReport>> ReadAsync(string? name, bool force)
    {
        await Task.Yield();     // what is read of files is read at once: not under the lock
        return await lists.RefreshAsync(name, force, lifetime.ApplicationStopping);
    }
}
