namespace DnsFlow.Transports;

/// <summary>Waits for any socket of one shard to become readable. All members but <see cref="Wake"/> belong to the shard's thread.</summary>
internal interface IDatagramWaiter : IDisposable
{
    /// <summary>Adds a socket of the same network under a token (0 or above, unique).</summary>
    void Add(IDatagramSocket socket, int token);

    /// <summary>Removes a socket; call before disposing of it.</summary>
    void Remove(IDatagramSocket socket);

    /// <summary>
    /// Waits until a socket is readable, <see cref="Wake"/> is called, or the time is over; -1 ms = no limit. Writes the tokens of readable
    /// sockets and returns how many; 0 after a wake-up or the time. Sockets may be reported that turn out to have nothing.
    /// </summary>
    int Wait(Span<int> ready, int timeoutMilliseconds);

    /// <summary>Sleeps, whatever comes; does nothing where the system cannot sleep for less than a millisecond.</summary>
    void Pause(int microseconds)
    {
    }

    /// <summary>Ends the current or the next <see cref="Wait"/>. Any thread; many calls before one wait count as one.</summary>
    void Wake();
}
