using System.Net.Sockets;

namespace DnsFlow.Transports.Tcp.Linux;

/// <summary>
/// Watches the sockets of all stream flows with a few threads of its own, so that what a client sent is answered on the thread that saw it: no hop to the
/// thread pool, and no switch that would do the same to every socket of the process. A thread starts with the first socket it is given.
/// </summary>
internal sealed class StreamPoller(int threads) : IReadiness, IDisposable
{
    private readonly StreamPollLoop[] _loops = [.. Enumerable.Range(0, threads).Select(index => new StreamPollLoop(index))];
    private uint _next;

    /// <summary>The poller of this system; null where there is no epoll.</summary>
    public static StreamPoller? Create()
        => OperatingSystem.IsLinux() ? new StreamPoller(Math.Clamp(Environment.ProcessorCount, 1, 4)) : null;

    /// <inheritdoc/>
    public IReadSignal Watch(Socket socket)
    {
        var loop = _loops[Interlocked.Increment(ref _next) % (uint)_loops.Length];
        return (IReadSignal?)loop.TryAdd(socket) ?? new SocketReadSignal(socket);      // the kernel has no room for one more: slower, not refused
    }

    /// <summary>Ends the threads. Waits that are pending never complete: close the sockets first.</summary>
    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }
}
