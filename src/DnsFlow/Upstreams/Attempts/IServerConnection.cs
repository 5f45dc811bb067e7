using System.Net;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>What carries questions to one server: one connection, or a few. Opened by the first question and kept. Any thread.</summary>
internal interface IServerConnection : IDisposable
{
    /// <summary>Whether nothing is open or waits, so that it may be forgotten.</summary>
    bool IsUnused { get; }

    /// <summary>Asks; see <see cref="IUpstreamExchange.AskAsync"/>.</summary>
    ValueTask<UpstreamResult> AskAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken);

    /// <summary>Closes what leaves from an address of which <paramref name="isDead"/> says so; what waits there fails.</summary>
    void CloseIf(Func<IPAddress, bool> isDead);
}
