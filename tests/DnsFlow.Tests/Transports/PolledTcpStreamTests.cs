using DnsFlow.Transports.Tcp.Linux;

namespace DnsFlow.Tests.Transports;

/// <summary>The same over the proxy's own poll loop; on other systems the framework's waiting once more.</summary>
public sealed class PolledTcpStreamTests : TcpStreamTests
{
    private readonly StreamPoller? _poller;

    public PolledTcpStreamTests()
        : this(StreamPoller.Create())
    {
    }

    private PolledTcpStreamTests(StreamPoller? poller)
        : base(poller) => _poller = poller;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _poller?.Dispose();
    }
}
