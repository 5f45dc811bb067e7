using System.Net;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Attempts;

namespace DnsFlow.Tests.Upstreams.Attempts;

public class ServerConnectionsTests
{
    [Fact]
    public async Task AskAsync_TheSameServer_GoesByTheSameConnection()
    {
        var made = new List<Fake>();
        using var connections = new ServerConnections(_ => Add(made));
        var (first, second) = (TestUpstreams.NewServer(), TestUpstreams.NewServer());
        await AskAsync(connections, first);
        await AskAsync(connections, second);
        await AskAsync(connections, first);
        Assert.Equal([2, 1], made.Select(connection => connection.Asked));
    }

    [Fact]
    public async Task AskAsync_TableIsFull_ThoseNotInUseAreClosedAndForgotten()
    {
        var made = new List<Fake>();
        using var connections = new ServerConnections(_ => Add(made));
        for (var i = 0; i < ServerConnections.Many; i++)
        {
            await AskAsync(connections, TestUpstreams.NewServer());
        }

        made[7].IsUnused = false;
        await AskAsync(connections, TestUpstreams.NewServer());
        Assert.Equal(2, connections.Count);
        Assert.Equal(ServerConnections.Many - 1, made.Count(connection => connection.IsDisposed));
        Assert.False(made[7].IsDisposed || made[^1].IsDisposed);
    }

    [Fact]
    public async Task CloseIfAndDispose_ReachAll()
    {
        var made = new List<Fake>();
        var connections = new ServerConnections(_ => Add(made));
        await AskAsync(connections, TestUpstreams.NewServer());
        await AskAsync(connections, TestUpstreams.NewServer());
        connections.CloseIf(_ => true);
        connections.Dispose();
        Assert.All(made, connection => Assert.True(connection is { IsCut: true, IsDisposed: true }));
    }

    private static Fake Add(List<Fake> made)
    {
        made.Add(new Fake());
        return made[^1];
    }

    private static ValueTask<UpstreamResult> AskAsync(ServerConnections connections, Upstream server) => connections.AskAsync(server, TestUpstreams.Query(), CancellationToken.None);

    private sealed class Fake : IServerConnection
    {
        public bool IsUnused { get; set; } = true;

        public int Asked { get; private set; }

        public bool IsCut { get; private set; }

        public bool IsDisposed { get; private set; }

        public ValueTask<UpstreamResult> AskAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult(new UpstreamResult(null, UpstreamError.Timeout, null));
        }

        public void CloseIf(Func<IPAddress, bool> isDead) => IsCut = true;

        public void Dispose() => IsDisposed = true;
    }
}
