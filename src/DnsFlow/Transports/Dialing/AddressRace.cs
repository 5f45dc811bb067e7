using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Transports.Dialing;

/// <summary>
/// Connects to the first of several addresses that answers (RFC 8305): families alternate, IPv6 first; the next address is tried when the one before failed or
/// kept silent for a quarter of a second, and the losers are cut off.
/// </summary>
/// <typeparam name="T">A connection; disposing of it closes it.</typeparam>
/// <param name="connect">Connects to one address or throws <see cref="SocketException"/>.</param>
/// <param name="time">The clock.</param>
internal sealed class AddressRace<T>(Func<IPEndPoint, CancellationToken, ValueTask<T>> connect, TimeProvider time)
    where T : IAsyncDisposable
{
    /// <summary>Connects. Throws what the last address to fail did when none answers.</summary>
    public async ValueTask<T> ConnectAsync(IReadOnlyList<IPEndPoint> endpoints, CancellationToken cancellationToken)
    {
        if (endpoints.Count == 1)
        {
            return await connect(endpoints[0], cancellationToken).ConfigureAwait(false);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<T>>();
        var failure = default(Exception);
        var next = 0;
        try
        {
            while (next < endpoints.Count || running.Count > 0)
            {
                if (next < endpoints.Count)
                {
                    running.Add(connect(endpoints[next++], ending.Token).AsTask());
                }

                var ended = await FirstAsync(running, mayWait: next < endpoints.Count, cancellationToken).ConfigureAwait(false);
                if (ended is { IsCompletedSuccessfully: true })
                {
                    running.Remove(ended);
                    return await ended.ConfigureAwait(false);
                }

                if (ended is not null)
                {
                    running.Remove(ended);
                    failure = ended.Exception?.InnerException ?? failure;
                }
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            running.ForEach(static loser => _ = DiscardAsync(loser));
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw failure ?? new SocketException((int)SocketError.HostUnreachable);
    }

    /// <summary>The first attempt to end; null when the next address is due before.</summary>
    private async ValueTask<Task<T>?> FirstAsync(List<Task<T>> running, bool mayWait, CancellationToken cancellationToken)
    {
        var any = Task.WhenAny(running);
        if (!mayWait)
        {
            return await any.ConfigureAwait(false);
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(HappyEyeballs.AttemptDelay, time, waiting.Token);
        var isOver = await Task.WhenAny(any, delay).ConfigureAwait(false) == delay;
        await waiting.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return isOver ? null : await any.ConfigureAwait(false);
    }

    private static async Task DiscardAsync(Task<T> loser)
    {
        try
        {
            await (await loser.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or IOException)
        {
            // It lost, and failed besides: the winner is in use.
        }
    }
}
