using System.Net;
using System.Net.Security;
using DnsFlow.Transports.Quic;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// DNS over QUIC with one server (RFC 9250): one connection that is kept, a stream for each question. A connection that keeps silent while an attempt waits in vain, or
/// on which the server does not keep to the protocol, is given up; the next question opens another one. Any thread.
/// </summary>
internal sealed class DoqConnection : IServerConnection
{
    /// <summary>Questions in flight at most.</summary>
    public const int MaxInFlight = 256;

    /// <summary>How long the connection is kept without a question.</summary>
    public static readonly TimeSpan IdleTimeout = StreamConnection.TlsIdleTimeout;

    /// <summary>How long it may be silent altogether: more than that, so that it is we who close it, and say so.</summary>
    public static readonly TimeSpan TransportIdleTimeout = IdleTimeout + TimeSpan.FromSeconds(10);

    private readonly Upstream _server;
    private readonly UpstreamDialer _dialer;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private readonly ITimer _idle;
    private DoqLink? _current;
    private Task<DoqLink>? _dialing;
    private int _inFlight;

    /// <summary>Makes a connection, which is opened by the first question.</summary>
    public DoqConnection(Upstream server, UpstreamDialer dialer)
    {
        (_server, _dialer) = (server, dialer);
        _idle = dialer.Clock.Time.CreateTimer(static state => ((DoqConnection)state!).CloseIfIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is spoken (ALPN).</summary>
    public static SslApplicationProtocol Protocol { get; } = new("doq");

    /// <inheritdoc/>
    public bool IsUnused => Volatile.Read(ref _inFlight) == 0;

    /// <inheritdoc/>
    public async ValueTask<UpstreamResult> AskAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        if (!TryEnter())
        {
            return new UpstreamResult(null, UpstreamError.Shed, _server);
        }

        var began = _dialer.Clock.Now;
        DoqLink? link = null;
        try
        {
            (link, var stream) = await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await link.AskAsync(stream, _server, query, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUpWhenSilent(link ?? Volatile.Read(ref _current), began);
            return new UpstreamResult(null, UpstreamError.Abandoned, _server);
        }
        catch (UpstreamDialException exception)
        {
            return new UpstreamResult(null, exception.Error, _server);
        }
        catch (QuicResetException exception)
        {
            _server.Statistics.Problem = $"refuses the question ({DoqError.Name(exception.ErrorCode)})";
            return new UpstreamResult(null, UpstreamError.BadResponse, _server);
        }
        catch (DoqProtocolException exception)
        {
            Retire(link, DoqError.Protocol);
            _server.Statistics.Problem = exception.Message;
            return new UpstreamResult(null, UpstreamError.ConnectionLost, _server);
        }
        catch (QuicLostException exception)
        {
            Retire(link, DoqError.None);
            _server.Statistics.Problem = exception.Message;
            return new UpstreamResult(null, UpstreamError.ConnectionLost, _server);
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public void CloseIf(Func<IPAddress, bool> isDead)
    {
        if (Volatile.Read(ref _current) is { LocalAddress: { } address } link && isDead(address))
        {
            Retire(link, DoqError.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _idle.Dispose();
        Retire(Volatile.Read(ref _current), DoqError.None);
    }

    private bool TryEnter()
    {
        lock (_lock)
        {
            if (_inFlight == MaxInFlight)
            {
                return false;
            }

            if (_inFlight++ == 0)
            {
                _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            return true;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_inFlight == 0)
            {
                _idle.Change(IdleTimeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // A server may have closed a connection that was kept, which shows only now: nothing was asked on it yet, so that is no failure.
    private async ValueTask<(DoqLink Link, IQuicStream Stream)> OpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var link = Volatile.Read(ref _current) ?? await DialAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return (link, await link.OpenStreamAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (QuicLostException)
            {
                Retire(link, DoqError.None);
                if (!link.IsProven)
                {
                    throw;
                }
            }
        }
    }

    // All questions wait for the same one, which goes on when one of them is given up.
    private Task<DoqLink> DialAsync()
    {
        lock (_lock)
        {
            return _current is { } link ? Task.FromResult(link)
                : _dialing is { IsCompleted: false } dialing ? dialing
                : _dialing = Observed(ConnectAsync());
        }
    }

    // Whoever waited may be gone when it fails; why is noted by the dialer.
    private static Task<DoqLink> Observed(Task<DoqLink> dialing)
    {
        dialing.ContinueWith(
            static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return dialing;
    }

    private async Task<DoqLink> ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // out of the lock
        var link = new DoqLink(await _dialer.ConnectQuicAsync(_server, _closing.Token).ConfigureAwait(false), _dialer.Clock);
        lock (_lock)
        {
            _current = link;
        }

        if (_closing.IsCancellationRequested)
        {
            Retire(link, DoqError.None);
        }

        return link;
    }

    private void Retire(DoqLink? link, long errorCode)
    {
        Interlocked.CompareExchange(ref _current, null, link);
        link?.Close(errorCode);
    }

    // QUIC would find out by its probes, and by its idle time-out.
    private void GiveUpWhenSilent(DoqLink? link, long began)
    {
        if (link is not null && link.LastHeard < began && _dialer.Clock.Now - began >= _server.Health.AttemptTimeout)
        {
            Retire(link, DoqError.None);
        }
    }

    private void CloseIfIdle()
    {
        DoqLink? idle = null;
        lock (_lock)
        {
            if (_inFlight == 0)
            {
                (idle, _current) = (_current, null);
            }
        }

        idle?.Close(DoqError.None);
    }
}
