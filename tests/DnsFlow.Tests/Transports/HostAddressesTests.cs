using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.Tests.Transports;

public sealed class HostAddressesTests : IAsyncDisposable
{
    private readonly FakeUpstream _bootstrap = new();
    private readonly ManualTimeProvider _time = new();
    private readonly BootstrapResolver _resolver;
    private readonly HostAddresses _hosts;

    public HostAddressesTests()
    {
        _resolver = new BootstrapResolver(_time) { Servers = [_bootstrap.Endpoint] };
        _hosts = new HostAddresses(_resolver, new MonotonicClock(_time));
        _bootstrap.Always(Answer("192.0.2.1"));
    }

    public ValueTask DisposeAsync() => _bootstrap.DisposeAsync();

    [Fact]
    public async Task Resolve_Again_AsksWhenTheTtlIsOver()
    {
        Assert.Equal("192.0.2.1", await FirstAsync());
        _bootstrap.Always(Answer("192.0.2.2"));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("192.0.2.1", await FirstAsync());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("192.0.2.2", await FirstAsync());
    }

    [Fact]
    public async Task Resolve_TtlOverAndNobodyAnswers_KeepsWhatWasKnown()
    {
        await FirstAsync();
        _time.Advance(TimeSpan.FromMinutes(2));
        _bootstrap.Always(FakeReplies.Code(ResponseCode.ServFail));
        Assert.Equal("192.0.2.1", await FirstAsync());
    }

    [Fact]
    public async Task Resolve_NetworkChanged_AsksAnew()
    {
        await FirstAsync();
        _bootstrap.Always(Answer("192.0.2.2"));
        _hosts.Expire();
        Assert.Equal("192.0.2.2", await FirstAsync());
    }

    [Fact]
    public async Task Resolve_UnknownAndNobodyAnswers_SaysSo()
    {
        _bootstrap.Always(FakeReplies.Code(ResponseCode.NXDomain));
        var exception = await Assert.ThrowsAsync<HttpRequestException>(FirstAsync);
        Assert.Equal("'dns.test' is not resolved by Bootstrap:Servers", exception.Message);
    }

    private static FakeReply Answer(string address) => query => query.SendAsync(query.Question[^3] == 1 ? query.Respond(address) : query.Respond(null));

    private async Task<string> FirstAsync() => (await _hosts.ResolveAsync("dns.test", CancellationToken.None)).Addresses[0].ToString();
}
