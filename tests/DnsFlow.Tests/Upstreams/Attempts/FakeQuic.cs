using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using DnsFlow.Transports.Quic;

namespace DnsFlow.Tests.Upstreams.Attempts;

/// <summary>QUIC without a network: connections and streams that do as a test says.</summary>
internal sealed class FakeQuic
{
    private readonly ConcurrentQueue<FakeQuicConnection> _connections = new();
    private readonly ConcurrentQueue<QuicTarget> _targets = new();

    /// <summary>What was dialled.</summary>
    public IReadOnlyList<QuicTarget> Targets => [.. _targets];

    /// <summary>The connections that were opened.</summary>
    public IReadOnlyList<FakeQuicConnection> Connections => [.. _connections];

    /// <summary>What dialling does before it succeeds.</summary>
    public Func<QuicTarget, CancellationToken, Task> Dialling { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>What new connections do when a stream is opened.</summary>
    public Exception? OpeningFails { get; set; }

    public async ValueTask<IQuicConnection> DialAsync(QuicTarget target, CancellationToken cancellationToken)
    {
        _targets.Enqueue(target);
        await Dialling(target, cancellationToken);
        var connection = new FakeQuicConnection { OpeningFails = OpeningFails };
        _connections.Enqueue(connection);
        return connection;
    }

    /// <summary>The stream of a number, over all connections, once its query is written.</summary>
    public async Task<FakeQuicStream> StreamAsync(int index)
    {
        await TestUpstreams.Until(() => Streams().Count > index && Streams()[index].Written is not null);
        return Streams()[index];
    }

    private List<FakeQuicStream> Streams() => [.. _connections.SelectMany(connection => connection.Streams)];
}

/// <summary>A connection of <see cref="FakeQuic"/>.</summary>
internal sealed class FakeQuicConnection : IQuicConnection
{
    private readonly ConcurrentQueue<FakeQuicStream> _streams = new();

    public IReadOnlyList<FakeQuicStream> Streams => [.. _streams];

    public IPAddress? LocalAddress { get; } = IPAddress.Parse("192.0.2.77");

    public Exception? OpeningFails { get; set; }

    /// <summary>The code that it was closed with.</summary>
    public long? Closed { get; private set; }

    public ValueTask<IQuicStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        if (OpeningFails is { } failure)
        {
            throw failure;
        }

        var stream = new FakeQuicStream();
        _streams.Enqueue(stream);
        return ValueTask.FromResult<IQuicStream>(stream);
    }

    public ValueTask CloseAsync(long errorCode)
    {
        Closed ??= errorCode;
        OpeningFails ??= new QuicLostException("closed");
        foreach (var stream in _streams)
        {
            stream.Fail(new QuicLostException("closed"));
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => CloseAsync(0);
}

/// <summary>A stream of <see cref="FakeQuic"/>.</summary>
internal sealed class FakeQuicStream : IQuicStream
{
    private readonly Channel<byte[]> _incoming = Channel.CreateUnbounded<byte[]>();
    private byte[] _rest = [];

    /// <summary>What was written before the end of the stream; null before that.</summary>
    public byte[]? Written { get; private set; }

    /// <summary>The message in it.</summary>
    public byte[] Query => Written![2..];

    /// <summary>The code that it was given up with.</summary>
    public long? Aborted { get; private set; }

    public bool IsDisposed { get; private set; }

    public FakeQuicStream Send(params byte[] octets)
    {
        _incoming.Writer.TryWrite(octets);
        return this;
    }

    /// <summary>A message behind its length.</summary>
    public FakeQuicStream SendMessage(byte[] message) => Send([(byte)(message.Length >> 8), (byte)message.Length, .. message]);

    public void End() => _incoming.Writer.TryComplete();

    public void Fail(Exception exception) => _incoming.Writer.TryComplete(exception);

    public ValueTask WriteLastAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        Written = octets.ToArray();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_rest.Length == 0)
        {
            if (!await _incoming.Reader.WaitToReadAsync(cancellationToken))
            {
                return 0;
            }

            _incoming.Reader.TryRead(out _rest!);
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.AsSpan(0, count).CopyTo(buffer.Span);
        _rest = _rest[count..];
        return count;
    }

    public void Abort(long errorCode) => Aborted ??= errorCode;

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
