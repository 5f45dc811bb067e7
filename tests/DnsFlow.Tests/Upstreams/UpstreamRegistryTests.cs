using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

public class UpstreamRegistryTests
{
    private readonly UpstreamRegistry _registry = new(endpoint => endpoint is { IsLoopback: true, Port: 1053 });
    private readonly List<string> _errors = [];

    [Fact]
    public void Create_ValidOptions_MakesServersInOrder()
    {
        using var group = Create("9.9.9.9", "tcp://[2620:fe::fe]:5353");
        Assert.Empty(_errors);
        Assert.Equal(
            [("9.9.9.9:53", true), ("tcp://[2620:fe::fe]:5353", false)],
            group!.Servers.ToArray().Select(server => (server.Name, server.UsesDatagrams)));
        Assert.Null(group.Problem);
    }

    [Fact]
    public void Create_SameServerAgain_KeepsItsState()
    {
        using var before = Create("9.9.9.9", "149.112.112.112");
        using var after = Create("149.112.112.112", "9.9.9.9");
        Assert.Same(before!.Servers[0], after!.Servers[1]);
        using var other = _registry.Create("default", 1, new UpstreamGroupOptions { Servers = ["9.9.9.9"], FailAfter = 2 }, _errors);
        Assert.NotSame(before.Servers[0], other!.Servers[0]);
        Assert.Equal(3, new[] { before.Servers[0].Id, before.Servers[1].Id, other.Servers[0].Id }.Distinct().Count());
    }

    [Fact]
    public void Create_ManyErrors_SaysThemAll()
    {
        var options = new UpstreamGroupOptions
        {
            Servers = ["9.9.9.9", "spdy://9.9.9.9", "dns.example"], Strategy = "cleverest", Attempts = 9, FailAfter = 0, Budget = TimeSpan.Zero,
        };
        Assert.Null(_registry.Create("default", 1, options, _errors));
        Assert.Equal(["Servers:1", "Servers:2", "Strategy", "Budget", "Attempts", "FailAfter"], _errors.Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Create_OwnListener_IsRefused()
    {
        Assert.Null(Create("9.9.9.9", "127.0.0.1:1053"));
        Assert.Equal(["Servers:1: 127.0.0.1:1053 is one of this proxy's own listeners"], _errors);
    }

    [Fact]
    public void Create_NoServers_IsRefused()
    {
        Assert.Null(Create());
        Assert.StartsWith("Servers: ", Assert.Single(_errors), StringComparison.Ordinal);
    }

    private UpstreamGroup? Create(params string[] servers)
        => _registry.Create("default", 1, new UpstreamGroupOptions { Servers = servers }, _errors);
}
