namespace DnsFlow.Transports.Tcp;

/// <summary>Waits until a socket has something to read. One waiter at a time. What there is (octets, the end, an error) the next read tells.</summary>
internal interface IReadSignal : IDisposable
{
    /// <summary>
    /// Completes when there is something to read, when <see cref="Release"/> or <see cref="Stop"/> is called, or when the socket is closed; now and
    /// then for nothing. After <see cref="Stop"/> it completes at once. Never throws.
    /// </summary>
    /// <param name="inline">
    /// Whether the continuation may run on the thread that waits for all sockets, which saves a hop: then it must never block. Otherwise it runs on the
    /// thread pool.
    /// </param>
    ValueTask WaitAsync(bool inline);

    /// <summary>Ends the pending wait, on another thread than the caller's.</summary>
    void Release();

    /// <summary>Ends the pending wait and every later one.</summary>
    void Stop();
}
