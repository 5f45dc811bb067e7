using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Transports.Https;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Copying;

/// <summary>
/// All stream flows: accepts, asks the provider, keeps the bounds (all, and for each client), copies, and sweeps the idle with one timer that runs only while
/// there are flows. When the table is full the longest idle flow makes room; when none is idle the new one is refused.
/// </summary>
internal sealed partial class StreamPlane(StreamServices services, IFlowPasser passer) : IAsyncDisposable
{
    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromMilliseconds(250);
    private const long CrowdedIdle = 2 * MonotonicClock.Second;

    private readonly Lock _lock = new();
    private readonly HashSet<IStreamCopier> _copiers = [];
    private readonly Dictionary<StreamFlow, long> _flows = [];
    private readonly Dictionary<(ulong High, ulong Low), int> _clients = [];
    private readonly NetworkSet _exempt = new(services.Limits.PerClient.Exempt);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<IStreamListener, Task> _accepting = [];
    private TaskCompletionSource? _empty;
    private ITimer? _sweep;
    private Action<IStreamCopier>? _remove;       // one for all copiers, and one for all flows: a delegate is not made for each
    private Action<ProxyFlow, FlowCloseReason>? _leave;
    private int _count;

    /// <summary>Flows that have not ended.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Begins to accept on a listener, which it owns from now on.</summary>
    public void Start(IStreamListener listener) => _accepting.Add(listener, AcceptAsync(listener));

    /// <summary>Accepts no more on a listener and closes it; the flows that came by it go on. Not while another call of this, a start or a stop runs.</summary>
    public async Task EndAsync(IStreamListener listener)
    {
        if (_accepting.Remove(listener, out var accepting))
        {
            await listener.UnbindAsync().ConfigureAwait(false);
            await accepting.ConfigureAwait(false);
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Takes no new flow, answers what was asked, closes everything; what lasts longer than <paramref name="drain"/> is cut off.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        foreach (var listener in _accepting.Keys)
        {
            await listener.UnbindAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_accepting.Values).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var copier in Copiers())
        {
            copier.Stop();
        }

        try
        {
            await Emptied().WaitAsync(drain, services.Clock.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var copier in Copiers())
            {
                copier.Flow.Close(FlowCloseReason.ProviderStopped, FlowError.Aborted);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _accepting.Keys)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        _sweep?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The system has no descriptor left for a new connection: the longest idle flow gives its own back.</summary>
    public void CloseLongestIdle()
    {
        IStreamCopier? oldest = null;
        foreach (var copier in Copiers())
        {
            if (copier.IsIdle && (oldest is null || copier.LastActive < oldest.LastActive))
            {
                oldest = copier;
            }
        }

        oldest?.Flow.Close(FlowCloseReason.Evicted);
    }

    /// <summary>The flows that have not ended, as they are now.</summary>
    public IReadOnlyList<StreamFlowView> List()
    {
        lock (_lock)
        {
            var copiers = _copiers.ToDictionary(static copier => copier.Flow);
            return
            [
                .. _flows.Select(pair => copiers.GetValueOrDefault(pair.Key) is { } copier
                    ? new StreamFlowView(pair.Key, pair.Value, copier.LastActive, copier.InFlight, copier.Unsent, copier.LastAnswer)
                    : new StreamFlowView(pair.Key, pair.Value, null, 0, 0, default)),
            ];
        }
    }

    /// <summary>Ends a flow at once; false when there is none of this id.</summary>
    public bool TryClose(long id)
    {
        StreamFlow? found;
        lock (_lock)
        {
            found = _flows.Keys.FirstOrDefault(flow => flow.Id == id);
        }

        found?.Close(FlowCloseReason.ProviderStopped, FlowError.Aborted);
        return found is not null;
    }

    private async Task AcceptAsync(IStreamListener listener)
    {
        while (await listener.AcceptAsync(CancellationToken.None).ConfigureAwait(false) is { } flow)
        {
            try
            {
                Admit(flow);
            }
            catch (Exception exception)
            {
                // One flow must not end the loop that accepts all others.
                Log.AdmissionFault(services.Logger, flow.Id, exception);
                flow.Close(FlowCloseReason.Internal, FlowError.Internal);
            }
        }
    }

    private void Admit(StreamFlow flow)
    {
        var plan = services.Plan.Current;
        if (!TryAdmit(flow, plan))
        {
            return;
        }

        if (plan.FlowHandler.TryDecide(flow.Facts, out var verdict))
        {
            Begin(flow, verdict, plan);
        }
        else
        {
            _ = DecideAsync(flow, plan);
        }
    }

    /// <summary>Whether the client may ask here and the bounds allow one more; otherwise the flow is closed.</summary>
    private bool TryAdmit(StreamFlow flow, ForwardingPlan plan)
    {
        if (!plan.Access[flow.Facts.Listener].Contains(flow.LocalEndpoint))
        {
            services.Counters.Ignored(IgnoredReason.NotAllowed);
            flow.Close(FlowCloseReason.Discarded, FlowError.Refused);
            return false;
        }

        if (!TryEnter(flow))
        {
            flow.Close(FlowCloseReason.Evicted, FlowError.Refused);
            return false;
        }

        flow.Ended = _leave ??= Leave;
        return true;
    }

    private async Task DecideAsync(StreamFlow flow, ForwardingPlan plan)
    {
        var verdict = await plan.FlowHandler.HandleNewFlowAsync(flow, _stopping.Token).ConfigureAwait(false);
        Begin(flow, verdict, plan);
    }

    private void Begin(StreamFlow flow, FlowVerdict verdict, ForwardingPlan plan)
    {
        services.Counters.FlowOpened(flow.Facts.Listener, (int)flow.Facts.Transport, (int)verdict);
        flow.Decide(verdict);
        if (flow.Transport is HttpsConnection https)
        {
            BeginHttps(flow, https, verdict == FlowVerdict.Claim && plan.FlowHandler.UsesProxyCopier);
            return;
        }

        switch (verdict)
        {
            case FlowVerdict.Claim when plan.FlowHandler.UsesProxyCopier:
                Copy(flow);
                break;
            case FlowVerdict.Pass:
                _ = passer.PassAsync(flow, plan.SystemGroup, _stopping.Token);
                break;
            default:
                break;      // discarded: it has ended; claimed by a provider that copies by itself: that one closes it
        }
    }

    /// <summary>Its octets are the HTTP server's: it can neither be relayed untouched nor be copied by a provider.</summary>
    private void BeginHttps(StreamFlow flow, HttpsConnection connection, bool isOurs)
    {
        if (!isOurs || !flow.TryOpen())
        {
            flow.Close(FlowCloseReason.UpstreamFailed, FlowError.Refused);
            return;
        }

        var copier = new HttpsCopier(flow, services, _remove ??= Remove);
        Add(copier);
        connection.Serve(copier);
    }

    private void Copy(StreamFlow flow)
    {
        var copier = new StreamCopier(flow, services, _remove ??= Remove);
        Add(copier);
        _ = copier.RunAsync();
    }

    private void Add(IStreamCopier copier)
    {
        lock (_lock)
        {
            _copiers.Add(copier);
            _sweep ??= services.Clock.Time.CreateTimer(_ => Sweep(), null, s_sweepInterval, s_sweepInterval);
        }

        if (_stopping.IsCancellationRequested)
        {
            copier.Stop();      // it came in too late to be among those that were told
        }
    }

    private void Remove(IStreamCopier copier)
    {
        lock (_lock)
        {
            _copiers.Remove(copier);
            if (_copiers.Count == 0)
            {
                _sweep?.Dispose();
                _sweep = null;
            }
        }
    }

    private void Sweep()
    {
        var isCrowded = Count > services.Limits.StreamFlows / 4 * 3;
        var idle = (long)services.Limits.TcpIdle.TotalMicroseconds;
        var now = services.Clock.Now;
        foreach (var copier in Copiers())
        {
            copier.CheckTime(now, isCrowded ? Math.Min(idle, CrowdedIdle) : idle);
        }
    }

    private bool TryEnter(StreamFlow flow)
    {
        if (Count >= services.Limits.StreamFlows / 10 * 9)
        {
            CloseLongestIdle();
        }

        lock (_lock)
        {
            if (_count >= services.Limits.StreamFlows)
            {
                services.Counters.Shed(ShedReason.FlowFull);
                return false;
            }

            var client = Client(flow.LocalEndpoint);
            _clients.TryGetValue(client, out var flows);
            if (flows >= services.Limits.PerClient.StreamFlows && !_exempt.Contains(flow.LocalEndpoint))
            {
                services.Counters.Shed(ShedReason.ClientFlows);
                return false;
            }

            _clients[client] = flows + 1;
            _flows.Add(flow, services.Clock.Now);
            _count++;
            return true;
        }
    }

    private void Leave(ProxyFlow flow, FlowCloseReason reason)
    {
        services.Counters.FlowClosed((int)flow.Key.Transport, (int)reason);
        lock (_lock)
        {
            var client = Client(flow.LocalEndpoint);
            if (--_clients[client] is 0)
            {
                _clients.Remove(client);
            }

            _flows.Remove((StreamFlow)flow);
            if (--_count == 0)
            {
                _empty?.TrySetResult();
            }
        }
    }

    private (ulong High, ulong Low) Client(in FlowEndpoint endpoint)
    {
        var (high, low) = NetworkSet.Mask(endpoint.IsIPv4 ? 96 + services.Limits.PerClient.IPv4Prefix : services.Limits.PerClient.IPv6Prefix);
        return (endpoint.High & high, endpoint.Low & low);
    }

    private Task Emptied()
    {
        lock (_lock)
        {
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_count == 0)
            {
                _empty.SetResult();
            }

            return _empty.Task;
        }
    }

    private IStreamCopier[] Copiers()
    {
        lock (_lock)
        {
            return [.. _copiers];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(521, LogLevel.Error, "Stream flow {Flow} could not be admitted.")]
        public static partial void AdmissionFault(ILogger logger, long flow, Exception exception);
    }
}
