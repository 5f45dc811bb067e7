using System.Text;
using DnsFlow.Flows;

namespace DnsFlow.Tests.Transports;

/// <summary>A transport whose peer takes what is written when the test says so.</summary>
internal sealed class HeldTransport : IStreamTransport
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly List<string> _events = [];
    private TaskCompletionSource<FlowError?>? _write;

    /// <summary>Whether writes wait for <see cref="Take"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>Whether what happens is kept.</summary>
    public bool Notes { get; set; } = true;

    /// <summary>What happened, once there is so much of it.</summary>
    public async Task<string[]> EventsAsync(int count)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_events.Count >= count)
                {
                    return [.. _events];
                }
            }

            Assert.True(await _changed.WaitAsync(TimeSpan.FromSeconds(10)), "nothing more happened");
        }
    }

    /// <summary>The peer takes the write that waits, or breaks.</summary>
    public void Take(FlowError? error = null)
    {
        TaskCompletionSource<FlowError?> write;
        lock (_lock)
        {
            write = _write!;
            _write = null;
        }

        write.SetResult(error);
    }

    public ValueTask<FlowError?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!Notes)
        {
            return default;
        }

        lock (_lock)
        {
            Note(data.Length > 100 ? $"{data.Length} octets" : Encoding.ASCII.GetString(data.Span));
            _write = Holds ? new TaskCompletionSource<FlowError?>(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            return _write is null ? default : new ValueTask<FlowError?>(_write.Task);
        }
    }

    public bool TryRead(Memory<byte> buffer, out TransportRead read)
    {
        read = default;
        return true;
    }

    public ValueTask WaitAsync() => default;

    public ValueTask<TransportRead> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => default;

    public void StopReading()
    {
    }

    public void ShutdownSend() => Note("shutdown");

    public ValueTask CloseAsync()
    {
        Note("close");
        return default;
    }

    public void Abort()
    {
        Note("abort");
        TaskCompletionSource<FlowError?>? write;
        lock (_lock)
        {
            write = _write;
            _write = null;
        }

        write?.SetResult(FlowError.Aborted);
    }

    public void Dispose()
    {
    }

    private void Note(string what)
    {
        lock (_lock)
        {
            _events.Add(what);
        }

        _changed.Release();
    }
}
