using DnsFlow.Flows;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

public sealed class SystemResolversTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-").FullName;
    private readonly List<FlowEndpoint> _own = [];

    private string Main => Path.Combine(_folder, "resolv.conf");

    private string Resolved => Path.Combine(_folder, "resolved.conf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_OrdinaryFile_GivesItsServers()
    {
        File.WriteAllText(Main, "nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
        Assert.Equal(["192.0.2.1:53", "192.0.2.2:53"], Read());
    }

    [Fact]
    public void Read_StubOfResolved_GivesWhatStandsBehindIt()
    {
        File.WriteAllText(Main, "nameserver 127.0.0.53\noptions edns0\n");
        File.WriteAllText(Resolved, "nameserver 192.0.2.9\n");
        Assert.Equal(["192.0.2.9:53"], Read());
    }

    [Fact]
    public void Read_StubOfResolvedAndNothingBehindIt_GivesTheStub()
    {
        File.WriteAllText(Main, "nameserver 127.0.0.53\n");
        Assert.Equal(["127.0.0.53:53"], Read());
    }

    [Fact]
    public void Read_WeAreTheSystemResolver_GivesWhoWasThereBefore()
    {
        Own("127.0.0.1:53");
        File.WriteAllText(Main, "nameserver 127.0.0.1\n");
        File.WriteAllText(Resolved, "nameserver 192.0.2.9\n");
        Assert.Equal(["192.0.2.9:53"], Read());
    }

    [Fact]
    public void Read_WeAreAmongThem_GivesTheOthers()
    {
        Own("127.0.0.1:53");
        File.WriteAllText(Main, "nameserver 127.0.0.1\nnameserver 192.0.2.1\n");
        Assert.Equal(["192.0.2.1:53"], Read());
    }

    [Fact]
    public void Read_OnlyOurselves_IsEmptyAndSaysSo()
    {
        Own("127.0.0.1:53");
        File.WriteAllText(Main, "nameserver 127.0.0.1\n");
        var list = Resolvers().Read();
        Assert.Empty(list.Endpoints);
        Assert.Contains("names only this proxy itself", list.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoServerInTheFile_SaysWhichFile()
    {
        File.WriteAllText(Main, "search example.org\n");
        Assert.Contains(Main, Resolvers().Read().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFile_AsksTheInterfaces()
    {
        var server = Parse("192.0.2.5:53");
        Own("192.0.2.6:53");
        var list = new SystemResolvers(_own.Contains, [Main], () => [server, Parse("192.0.2.6:53"), server]).Read();
        Assert.Equal([server], list.Endpoints);
    }

    [Fact]
    public void HasChanged_AfterRead_OnlyWhenAFileChanges()
    {
        File.WriteAllText(Main, "nameserver 192.0.2.1\n");
        var resolvers = Resolvers();
        resolvers.Read();
        Assert.False(resolvers.HasChanged());
        File.WriteAllText(Main, "nameserver 192.0.2.1\nnameserver 192.0.2.22\n");
        Assert.True(resolvers.HasChanged());
        resolvers.Read();
        File.Delete(Main);
        Assert.True(resolvers.HasChanged());
    }

    [Fact]
    public void HasChanged_LinkLeadsElsewhere_IsSeen()
    {
        File.WriteAllText(Path.Combine(_folder, "a"), "nameserver 192.0.2.1\n");
        File.WriteAllText(Path.Combine(_folder, "b"), "nameserver 192.0.2.1\nsearch example.org\n");
        File.CreateSymbolicLink(Main, "a");
        var resolvers = Resolvers();
        Assert.Single(resolvers.Read().Endpoints);
        File.Delete(Main);
        File.CreateSymbolicLink(Main, "b");
        Assert.True(resolvers.HasChanged());
    }

    [Fact]
    public async Task RefreshSoon_FileChanged_ServersAreExchangedOnceASecondAtMost()
    {
        File.WriteAllText(Main, "nameserver 192.0.2.1\n");
        var servers = new UpstreamServers(
            Resolvers(), list => [.. list!.Endpoints.Select(endpoint => new Upstream((int)endpoint.IPv4, endpoint.ToString(), endpoint, true))]);
        servers.RefreshSoon(10_000_000);
        File.WriteAllText(Main, "nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
        servers.RefreshSoon(10_999_999);
        servers.RefreshSoon(11_000_000);
        await TestUpstreams.Until(() => servers.Current.Length == 2);
        Assert.Null(servers.Problem);
    }

    private string[] Read() => [.. Resolvers().Read().Endpoints.Select(endpoint => endpoint.ToString())];

    private SystemResolvers Resolvers() => new(_own.Contains, [Main, Resolved], () => [FlowEndpoint.FromIPv4(0xC0000263, 53)]);

    private void Own(string endpoint) => _own.Add(Parse(endpoint));

    private static FlowEndpoint Parse(string endpoint) => FlowEndpoint.From(System.Net.IPEndPoint.Parse(endpoint));
}
