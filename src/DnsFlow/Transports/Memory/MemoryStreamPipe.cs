using DnsFlow.Flows;

namespace DnsFlow.Transports.Memory;

/// <summary>One direction of a connection in memory: octets in order, never more than it holds. Writers wait for room, readers for octets.</summary>
internal sealed class MemoryStreamPipe(int capacity)
{
    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[capacity];
    private int _start;
    private int _count;
    private bool _isEnded;
    private bool _isReadingStopped;
    private FlowError? _error;
    private TaskCompletionSource? _change;

    /// <summary>Octets that were written and not read yet.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Whether the writer has ended this direction in good order.</summary>
    public bool IsEnded
    {
        get
        {
            lock (_lock)
            {
                return _isEnded;
            }
        }
    }

    /// <summary>Whether the connection was reset.</summary>
    public bool IsReset
    {
        get
        {
            lock (_lock)
            {
                return _error is not null;
            }
        }
    }

    /// <summary>Reads what is there; false when the reader has to wait. With an empty buffer nothing is taken.</summary>
    public bool TryRead(Span<byte> buffer, out TransportRead read)
    {
        lock (_lock)
        {
            read = new TransportRead(0, _error);
            if (_error is not null || _isReadingStopped || (_count == 0 && _isEnded))
            {
                return true;
            }

            var taken = Math.Min(buffer.Length, _count);
            for (var i = 0; i < taken; i++)
            {
                buffer[i] = _ring[(_start + i) % _ring.Length];
            }

            _start = (_start + taken) % _ring.Length;
            var isReadable = _count > 0;
            _count -= taken;
            read = new TransportRead(taken, null);
            if (taken > 0)
            {
                Announce();
            }

            return isReadable;
        }
    }

    /// <summary>Writes as much as there is room for; returns how much. -1 when the connection is reset or this direction was ended.</summary>
    public int Write(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (_error is not null || _isEnded)
            {
                return -1;
            }

            if (_isReadingStopped)
            {
                return data.Length;     // drained, as a socket that was closed in good order does
            }

            var taken = Math.Min(data.Length, _ring.Length - _count);
            for (var i = 0; i < taken; i++)
            {
                _ring[(_start + _count + i) % _ring.Length] = data[i];
            }

            _count += taken;
            if (taken > 0)
            {
                Announce();
            }

            return taken;
        }
    }

    /// <summary>Completes at the next change; asked for before trying, so that no change is missed.</summary>
    public Task NextChange()
    {
        lock (_lock)
        {
            return (_change ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>No more will be written.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isEnded = true;
            Announce();
        }
    }

    /// <summary>No more will be read: reads say the stream has ended.</summary>
    public void StopReading()
    {
        lock (_lock)
        {
            _isReadingStopped = true;
            Announce();
        }
    }

    /// <summary>The connection broke: what is in it is lost.</summary>
    public void Break(FlowError error)
    {
        lock (_lock)
        {
            _error ??= error;
            _count = 0;
            Announce();
        }
    }

    private void Announce()
    {
        _change?.TrySetResult();
        _change = null;
    }
}
