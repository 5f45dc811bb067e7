using System.Runtime.InteropServices;
using System.Threading.Channels;
using DnsFlow.Service.Configuration;

namespace DnsFlow.Service.Reloading;

/// <summary>What makes the program read its configuration anew without being asked over HTTP: SIGHUP, and files that have changed.</summary>
internal sealed class ReloadTriggers : IAsyncDisposable
{
    // One that waits is enough: it reads what is there when its turn comes.
    private readonly Channel<string> _asked = Channel.CreateBounded<string>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration? _signal;
    private readonly FileWatch? _files;
    private readonly Task _working;

    /// <summary>Begins to listen. <paramref name="watched"/>: the layers whose files are watched; null = none are.</summary>
    public ReloadTriggers(Reloader reloader, LayeredConfiguration? watched, TimeProvider time)
    {
        // On Windows the signal stands for a window that is closed.
        _signal = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _asked.Writer.TryWrite("SIGHUP");
        });
        _files = watched is null ? null : new FileWatch(() => watched.Seen, () => _asked.Writer.TryWrite("a file has changed"), time);
        _working = WorkAsync(reloader);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _signal?.Dispose();
        _files?.Dispose();
        _asked.Writer.TryComplete();
        await _working;
    }

    private async Task WorkAsync(Reloader reloader)
    {
        await foreach (var cause in _asked.Reader.ReadAllAsync())
        {
            await reloader.ReloadAsync(cause, CancellationToken.None);
            _files?.Follow();
        }
    }
}
