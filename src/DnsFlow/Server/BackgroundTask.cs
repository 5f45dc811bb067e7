namespace DnsFlow.Server;

/// <summary>A task that runs until it is disposed of, and whose end is awaited then.</summary>
internal sealed class BackgroundTask : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _task;

    /// <summary>Begins it.</summary>
    public BackgroundTask(Func<CancellationToken, Task> run) => _task = RunAsync(run);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _task.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync(Func<CancellationToken, Task> run)
    {
        await Task.Yield();     // whoever begins it does not wait for its first step
        await run(_stopping.Token).ConfigureAwait(false);
    }
}
