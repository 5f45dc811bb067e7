using System.Net;
using System.Net.Sockets;
using DnsFlow.Limits;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>The octets of a connection to an upstream, under TLS if there is any: knows when it last heard from the other side.</summary>
internal sealed class DialedStream(Socket socket, MonotonicClock clock) : NetworkStream(socket, ownsSocket: true)
{
    private long _lastHeard = clock.Now;
    private byte[] _held = [];

    /// <summary>When octets last came, in microseconds.</summary>
    public long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>The address it leaves from.</summary>
    public IPAddress? LocalAddress { get; } = (socket.LocalEndPoint as IPEndPoint)?.Address;

    /// <summary>Whether what is written is held back until <see cref="ReleaseAsync"/>, so that many writes are one system call.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Octets that are held back.</summary>
    public int Held { get; private set; }

    /// <summary>Sends what was held back.</summary>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        var length = Held;
        (IsHeld, Held) = (false, 0);
        await base.WriteAsync(_held.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsHeld)
        {
            return base.WriteAsync(buffer, cancellationToken);
        }

        if (_held.Length < Held + buffer.Length)
        {
            Array.Resize(ref _held, Math.Max(4_096, 2 * (Held + buffer.Length)));
        }

        buffer.Span.CopyTo(_held.AsSpan(Held));
        Held += buffer.Length;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _lastHeard, clock.Now);
        return count;
    }
}
