using DnsFlow.Limits;

namespace DnsFlow.Transports.Https;

/// <summary>
/// The requests of one HTTP/2 connection that are not done with: opened by the client, and neither reset nor answered to the end. What they hold in the HTTP server is
/// charged to a pool, but for the first few, so that who asks little is served when others have filled it. A response that the client does not take counts: the
/// HTTP server forgets it sooner than its memory. Thread safe.
/// </summary>
/// <param name="memory">The pool.</param>
/// <param name="onFull">Told once, when it has no room: the connection is to be ended.</param>
internal sealed class Http2Streams(MemoryPool memory, Action onFull)
{
    /// <summary>What a request holds: its stream, and a page for its body or its response. Measured: 10.5 KB.</summary>
    public const int RequestBytes = 12 << 10;

    /// <summary>Requests of a connection that are not charged.</summary>
    public const int FreeRequests = 2;

    /// <summary>Requests that may be open, those counted that the HTTP server is about to refuse.</summary>
    public const int MaxOpen = 512;

    private readonly Lock _lock = new();
    private readonly List<int> _open = [];
    private int _highest;
    private int _charged;
    private bool _isFull;
    private bool _isClosed;

    /// <summary>A frame of the client's.</summary>
    public void FromClient(in Http2Frame frame)
    {
        if (frame.Type == Http2Frame.Headers)
        {
            Open(frame.Stream);
        }
        else if (frame.Type == Http2Frame.Reset)
        {
            End(frame.Stream);
        }
    }

    /// <summary>A frame of the server's.</summary>
    public void FromServer(in Http2Frame frame)
    {
        if (frame.EndsStream || frame.Type == Http2Frame.Reset)
        {
            End(frame.Stream);
        }
    }

    /// <summary>The connection is gone.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            memory.Give(_charged * RequestBytes);
            _charged = 0;
        }
    }

    private void Open(int stream)
    {
        lock (_lock)
        {
            if (stream <= _highest || _isFull || _isClosed)
            {
                return;         // headers at the end of a body, or what is too late
            }

            _highest = stream;
            _open.Add(stream);
            if (_open.Count <= FreeRequests)
            {
                return;
            }

            _isFull = _open.Count > MaxOpen || !memory.TryTake(RequestBytes);
            if (!_isFull)
            {
                _charged++;
                return;
            }
        }

        onFull();
    }

    private void End(int stream)
    {
        lock (_lock)
        {
            var index = _open.IndexOf(stream);
            if (index < 0 || _isClosed)
            {
                return;
            }

            _open[index] = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            if (_charged > Math.Max(0, _open.Count - FreeRequests))
            {
                _charged--;
                memory.Give(RequestBytes);
            }
        }
    }
}
