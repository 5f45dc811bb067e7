namespace DnsFlow.Transports.Https;

/// <summary>
/// Counts the HTTP/2 frames of a client that cost us more than the client: resets, what has to be acknowledged, and what leads to nothing (CVE-2023-44487, CVE-2019-9518
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

    private readonly TimeProvider _time;
    private readonly Action<string> _onTooMany;
    private long _since;
    private int _resets;
    private int _controls;
    private int _idle;

    /// <summary>Begins with a client's first frame.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="onTooMany">Told, with what it was, when there were too many.</param>
    public FrameGuard(TimeProvider time, Action<string> onTooMany)
    {
        (_time, _onTooMany) = (time, onTooMany);
        _since = time.GetTimestamp();
    }

    /// <summary>Counts a frame.</summary>
    public void Count(in Http2Frame frame)
    {
        if (frame.Type == Http2Frame.Headers)
        {
            _idle -= IdlePerRequest;
            return;
        }

        if (frame.Type == Http2Frame.Data && (frame.Length > 0 || frame.EndsStream))
        {
            return;
        }

        if (_time.GetElapsedTime(_since) >= Period)
        {
            (_since, _resets, _controls, _idle) = (_time.GetTimestamp(), 0, 0, 0);
        }

        switch (frame.Type)
        {
            case Http2Frame.Reset:
                Tell(++_resets == MaxResets + 1, "a client reset more than 200 requests in 10 s");
                break;
            case Http2Frame.Settings or Http2Frame.Ping when !frame.IsAcknowledgement:
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
