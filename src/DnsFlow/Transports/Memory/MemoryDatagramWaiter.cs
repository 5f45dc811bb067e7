namespace DnsFlow.Transports.Memory;

/// <summary>Waits for sockets of a <see cref="MemoryDatagramNetwork"/>, or only looks when the network does not block.</summary>
internal sealed class MemoryDatagramWaiter(MemoryDatagramNetwork network, bool blocks) : IDatagramWaiter
{
    private readonly List<(MemoryDatagramSocket Socket, int Token)> _sockets = [];
    private bool _isWoken;

    /// <summary>How often <see cref="Wake"/> was called.</summary>
    public int Wakes { get; private set; }

    /// <summary>The time-out of the last <see cref="Wait"/> in milliseconds: what the shard would have slept.</summary>
    public int LastTimeoutMilliseconds { get; private set; }

    /// <inheritdoc/>
    public void Add(IDatagramSocket socket, int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        _sockets.Add(((MemoryDatagramSocket)socket, token));
    }

    /// <inheritdoc/>
    public void Remove(IDatagramSocket socket) => _sockets.RemoveAll(entry => entry.Socket == socket);

    /// <inheritdoc/>
    public int Wait(Span<int> ready, int timeoutMilliseconds)
    {
        lock (network.Gate)
        {
            LastTimeoutMilliseconds = timeoutMilliseconds;
            var count = Collect(ready);
            if (blocks && count == 0 && !_isWoken && Monitor.Wait(network.Gate, timeoutMilliseconds))
            {
                count = Collect(ready);
            }

            _isWoken = false;
            return count;
        }
    }

    /// <inheritdoc/>
    public void Wake()
    {
        lock (network.Gate)
        {
            Wakes++;
            _isWoken = true;
            Monitor.PulseAll(network.Gate);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sockets.Clear();

    private int Collect(Span<int> ready)
    {
        var count = 0;
        foreach (var (socket, token) in _sockets)
        {
            if (count < ready.Length && socket.IsReadable)
            {
                ready[count++] = token;
            }
        }

        return count;
    }
}
