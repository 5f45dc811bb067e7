namespace DnsFlow.Transports.Https;

/// <summary>
/// Sees the HTTP/2 frames of a client pass and counts those that cost us more than the client: resets, what has to be acknowledged, and what leads to nothing (CVE-2023-44487, CVE-2019-9518
/// and their like). The HTTP server bounds only resets of requests that are still worked on, and ours are mostly done by then.
/// </summary>
internal sealed class FrameGuard
{
    /// <summary>Streams that may be reset in a period.</summary>
    public const int MaxResets = 200;

    /// <summary>PING and SETTINGS frames in a period.</summary>
    public const int MaxControls = 50;

    /// <summary>Frames that bring no request forward, in a period: beyond <see cref="IdlePerRequest"/> for each request.</summary>
    public const int MaxIdle = 1_000;

    /// <summary>Such frames that a request may bring with it: windows that it opens.</summary>
    public const int IdlePerRequest = 4;

    /// <summary>The period.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private const int PrefaceLength = 24, HeaderLength = 9;
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, Acknowledged = 1, EndStream = 1;

    private readonly TimeProvider _time;
    private readonly Action<string> _onTooMany;
    private readonly byte[] _header = new byte[HeaderLength];
    private long _skip = PrefaceLength;
    private int _headerLength;
    private long _since;
    private int _resets;
    private int _controls;
    private int _idle;

    /// <summary>Begins with a client's first octet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="onTooMany">Told, with what it was, when there were too many.</param>
    public FrameGuard(TimeProvider time, Action<string> onTooMany)
    {
        (_time, _onTooMany) = (time, onTooMany);
        _since = time.GetTimestamp();
    }

    /// <summary>Sees what comes next.</summary>
    public void Watch(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, octets.Length);
                _skip -= skipped;
                octets = octets[skipped..];
                continue;
            }

            var taken = Math.Min(HeaderLength - _headerLength, octets.Length);
            octets[..taken].CopyTo(_header.AsSpan(_headerLength));
            octets = octets[taken..];
            _headerLength += taken;
            if (_headerLength == HeaderLength)
            {
                _headerLength = 0;
                _skip = (_header[0] << 16) | (_header[1] << 8) | _header[2];
                Count(_header[3], _header[4], (int)_skip);
            }
        }
    }

    private void Count(byte type, byte flags, int length)
    {
        switch (type)
        {
            case Headers:
                _idle -= IdlePerRequest;
                return;
            case Data when length > 0 || (flags & EndStream) != 0:
                return;
        }

        if (_time.GetElapsedTime(_since) >= Period)
        {
            (_since, _resets, _controls, _idle) = (_time.GetTimestamp(), 0, 0, 0);
        }

        switch (type)
        {
            case Reset:
                Tell(++_resets == MaxResets + 1, "a client reset more than 200 requests in 10 s");
                break;
            case Settings or Ping when (flags & Acknowledged) == 0:
                Tell(++_controls == MaxControls + 1, "a client sent more than 50 PING and SETTINGS frames in 10 s");
                break;
            default:        // empty DATA, CONTINUATION, PRIORITY, WINDOW_UPDATE, and what nobody knows
                Tell(++_idle == MaxIdle + 1, "a client sent more than 1,000 frames in 10 s that bring no request forward");
                break;
        }
    }

    private void Tell(bool isTooMany, string problem)
    {
        if (isTooMany)
        {
            _onTooMany(problem);
        }
    }
}
