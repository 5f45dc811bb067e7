using DnsFlow.Flows;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Transports.Https;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Copying;

/// <summary>
/// All stream flows: accepts, asks the provider, and has them copied. When the table is nearly full the longest idle flow makes room; when none is idle
/// the new one is refused.
/// </summary>
internal sealed partial class StreamPlane : IAsyncDisposable
{
    private readonly StreamServices _services;
    private readonly IFlowPasser _passer;
    private readonly StreamFlowTable _flows;
    private readonly StreamCopiers _copiers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<IStreamListener, Task> _accepting = [];
    private readonly Action<IStreamCopier> _remove;       // one for all copiers, and one for all flows: a delegate is not made for each
    private readonly Action<ProxyFlow, FlowCloseReason> _leave;

    public StreamPlane(StreamServices services, IFlowPasser passer)
    {
        _services = services;
        _passer = passer;
        _flows = new StreamFlowTable(services.Limits);
        _copiers = new StreamCopiers(_flows, services.Clock, services.Limits.TcpIdle);
        _remove = _copiers.Remove;
        _leave = Leave;
    }

    /// <summary>Flows that have not ended.</summary>
    public int Count => _flows.Count;

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
        foreach (var copier in _copiers.Current)
        {
            copier.Stop();
        }

        try
        {
            await _flows.WaitUntilEmptyAsync().WaitAsync(drain, _services.Clock.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var copier in _copiers.Current)
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

        _copiers.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The system has no descriptor left for a new connection: the longest idle flow gives its own back.</summary>
    public void CloseLongestIdle() => _copiers.CloseLongestIdle();

    /// <summary>The flows that have not ended, as they are now.</summary>
    public IReadOnlyList<StreamFlowView> List()
    {
        var copiers = _copiers.Current.ToDictionary(static copier => copier.Flow);
        return
        [
            .. _flows.List().Select(pair => copiers.GetValueOrDefault(pair.Key) is { } copier
                ? new StreamFlowView(pair.Key, pair.Value, copier.LastActive, copier.InFlight, copier.Unsent, copier.LastAnswer)
                : new StreamFlowView(pair.Key, pair.Value, null, 0, 0, default)),
        ];
    }

    /// <summary>Ends a flow at once; false when there is none of this id.</summary>
    public bool TryClose(long id)
    {
        var found = _flows.Find(id);
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
                Log.AdmissionFault(_services.Logger, flow.Id, exception);
                flow.Close(FlowCloseReason.Internal, FlowError.Internal);
            }
        }
    }

    private void Admit(StreamFlow flow)
    {
        var plan = _services.Plan.Current;
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
            _services.Counters.Ignored(IgnoredReason.NotAllowed);
            flow.Close(FlowCloseReason.Discarded, FlowError.Refused);
            return false;
        }

        if (!TryEnter(flow))
        {
            flow.Close(FlowCloseReason.Evicted, FlowError.Refused);
            return false;
        }

        flow.Ended = _leave;
        return true;
    }

    private async Task DecideAsync(StreamFlow flow, ForwardingPlan plan)
    {
        var verdict = await plan.FlowHandler.HandleNewFlowAsync(flow, _stopping.Token).ConfigureAwait(false);
        Begin(flow, verdict, plan);
    }

    private void Begin(StreamFlow flow, FlowVerdict verdict, ForwardingPlan plan)
    {
        _services.Counters.FlowOpened(flow.Facts.Listener, (int)flow.Facts.Transport, (int)verdict);
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
                _ = _passer.PassAsync(flow, plan.SystemGroup, _stopping.Token);
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

        var copier = new HttpsCopier(flow, _services, _remove);
        Add(copier);
        _ = connection.ServeAsync(copier);
    }

    private void Copy(StreamFlow flow)
    {
        var copier = new StreamCopier(flow, _services, _remove);
        Add(copier);
        _ = copier.RunAsync();
    }

    private void Add(IStreamCopier copier)
    {
        _copiers.Add(copier);
        if (_stopping.IsCancellationRequested)
        {
            copier.Stop();      // it came in too late to be among those that were told
        }
    }

    private bool TryEnter(StreamFlow flow)
    {
        if (_flows.IsNearlyFull)
        {
            CloseLongestIdle();
        }

        if (_flows.TryEnter(flow, _services.Clock.Now) is { } bound)
        {
            _services.Counters.Shed(bound);
            return false;
        }

        return true;
    }

    private void Leave(ProxyFlow flow, FlowCloseReason reason)
    {
        _services.Counters.FlowClosed((int)flow.Key.Transport, (int)reason);
        _flows.Leave((StreamFlow)flow);
    }

    private static partial class Log
    {
        [LoggerMessage(521, LogLevel.Error, "Stream flow {Flow} could not be admitted.")]
        public static partial void AdmissionFault(ILogger logger, long flow, Exception exception);
    }
}
