using DnsFlow.Flows;

namespace DnsFlow.Transports;

/// <summary>Gives the stream flows of one address until it ends. Ordinary socket errors stay inside.</summary>
internal interface IStreamListener : IAsyncDisposable
{
    /// <summary>The address and port it listens on; the port the system chose when 0 was asked for.</summary>
    FlowEndpoint LocalEndpoint { get; }

    /// <summary>The index of the listener in the plan; flows that come from now on have it.</summary>
    int Listener { get; set; }

    /// <summary>The next flow, closed and undecided; null when the listener was unbound. One call at a time.</summary>
    ValueTask<StreamFlow?> AcceptAsync(CancellationToken cancellationToken);

    /// <summary>Takes no more flows: a pending accept gives null. Those that were given go on. Idempotent.</summary>
    ValueTask UnbindAsync();
}
