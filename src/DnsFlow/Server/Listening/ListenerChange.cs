using DnsFlow.Flows;
using DnsFlow.Transports;

namespace DnsFlow.Server.Listening;

/// <summary>The way from one set of listeners to another: what is new is bound already, though nobody reads it yet; nothing is closed yet.</summary>
/// <param name="Next">What will be listened on.</param>
/// <param name="NewStreams">Stream listeners that were made for it.</param>
/// <param name="OldDatagrams">Addresses that will not be listened on by UDP any more.</param>
/// <param name="OldStreams">Stream listeners that will be closed.</param>
internal sealed record ListenerChange(
    ListenerSet Next, IReadOnlyList<IStreamListener> NewStreams, IReadOnlyList<FlowEndpoint> OldDatagrams, IReadOnlyList<IStreamListener> OldStreams)
{
    /// <summary>The change that leaves everything as it is.</summary>
    public static ListenerChange None(ListenerSet set) => new(set, [], [], []);
}
