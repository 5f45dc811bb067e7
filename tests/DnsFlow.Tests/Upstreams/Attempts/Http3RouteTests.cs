using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports.Dialing;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Attempts;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Tests.Upstreams.Attempts;

public sealed class Http3RouteTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly BootstrapResolver _bootstrap;
    private readonly UpstreamDialer _dialer;

    public Http3RouteTests()
    {
        var clock = new MonotonicClock(_time);
        _bootstrap = new BootstrapResolver(_time);
        _dialer = new UpstreamDialer(new UpstreamSockets(), new HostAddresses(_bootstrap, clock), static endpoint => endpoint.IsLoopback, clock, NullLogger.Instance);
    }

    [Theory]
    [InlineData("192.0.2.53", 443, null, "https://192.0.2.53/dns-query", null)]
    [InlineData("192.0.2.53", 443, "dns.test", "https://192.0.2.53/dns-query", "dns.test")]
    [InlineData("192.0.2.53", 8443, "dns.test", "https://192.0.2.53:8443/dns-query", "dns.test:8443")]
    [InlineData("2001:db8::53", 8443, "dns.test", "https://[2001:db8::53]:8443/dns-query", "dns.test:8443")]
    public async Task Hop_LeadsToAnAddressAndSaysTheName(string address, int port, string? name, string uri, string? host)
    {
        using var route = new Http3Route(Server(address, port, name), _dialer);
        var hop = await route.AcquireAsync(CancellationToken.None);
        Assert.Equal((uri, host, HttpVersion.Version30), (hop.Uri.ToString(), hop.Host, hop.Version));
        Assert.True(IPAddress.TryParse(hop.Uri.IdnHost, out _));    // no resolver of the system is asked
        Assert.Same(hop, await route.AcquireAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Failed_NextRequestGoesByAnotherHop_ToTheNextAddressWhenNoneAnswered()
    {
        await using var bootstrap = new FakeUpstream().Always(
            query => query.Question[^3] == (byte)RecordType.A ? query.SendAsync(query.Respond("192.0.2.1")) : query.SendAsync(Two(query)));
        _bootstrap.Servers = [bootstrap.Endpoint];
        var server = Server("0.0.0.0", 443, "dns.test", isResolved: true);
        using var route = new Http3Route(server, _dialer);
        var hop = await route.AcquireAsync(CancellationToken.None);
        Assert.Equal("https://[2001:db8::1]/dns-query", hop.Uri.ToString());
        Assert.Equal(UpstreamError.Refused, route.Failed(hop, new HttpRequestException("no", new SocketException((int)SocketError.ConnectionRefused))));

        hop = await route.AcquireAsync(CancellationToken.None);
        Assert.Equal("https://192.0.2.1/dns-query", hop.Uri.ToString());
        route.Answered(hop, new HttpResponseMessage());
        Assert.Null(route.Failed(hop, new HttpRequestException("a stream was reset")));
        var next = await route.AcquireAsync(CancellationToken.None);
        Assert.NotSame(hop, next);
        Assert.Equal(hop.Uri, next.Uri);
    }

    [Fact]
    public async Task Failed_ByTls_IsUntrusted()
    {
        var server = Server("192.0.2.53", 443, "dns.test");
        using var route = new Http3Route(server, _dialer);
        var hop = await route.AcquireAsync(CancellationToken.None);
        Assert.Equal(UpstreamError.Untrusted, route.Failed(hop, new HttpRequestException("no", new AuthenticationException("not for us"))));
        Assert.Equal(("TLS failed: not for us", 1L), (server.Statistics.Problem, server.Statistics.Untrusted));
    }

    [Fact]
    public async Task Acquire_NameIsNotResolved_IsUnreachable()
    {
        using var route = new Http3Route(Server("0.0.0.0", 443, "dns.test", isResolved: true), _dialer);
        var failure = await Assert.ThrowsAsync<UpstreamDialException>(async () => await route.AcquireAsync(CancellationToken.None));
        Assert.Equal((UpstreamError.Unreachable, "'dns.test' is not resolved by Bootstrap:Servers"), (failure.Error, failure.Message));
    }

    [Theory]
    [InlineData("h3=\":443\"; ma=86400", false)]
    [InlineData("h3=\":443\"; ma=86400, h3-29=\":444\"", false)]
    [InlineData("h2=\"elsewhere.test:443\"", false)]
    [InlineData("clear", false)]
    [InlineData("h3=\"elsewhere.test:443\"; ma=86400", true)]
    [InlineData("h3=\":8443\"", true)]
    [InlineData("h3=\":4430\"", true)]
    [InlineData("h3-29=\":443\", h3=\"elsewhere.test:443\"", true)]
    public async Task Answered_ServerSendsUsElsewhere_TheHopIsNotUsedAgain(string services, bool isDropped)
    {
        using var route = new Http3Route(Server("192.0.2.53", 443, "dns.test"), _dialer);
        var hop = await route.AcquireAsync(CancellationToken.None);
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Alt-Svc", services);
        route.Answered(hop, response);
        Assert.Equal(isDropped, await route.AcquireAsync(CancellationToken.None) != hop);
    }

    [Fact]
    public async Task GiveUpIfSilent_NothingHeardSince_TheHopIsNotUsedAgain()
    {
        using var route = new Http3Route(Server("192.0.2.53", 443, "dns.test"), _dialer);
        var hop = await route.AcquireAsync(CancellationToken.None);
        route.Answered(hop, new HttpResponseMessage());
        route.GiveUpIfSilent(hop, _dialer.Clock.Now);
        Assert.Same(hop, await route.AcquireAsync(CancellationToken.None));
        _time.Advance(TimeSpan.FromSeconds(1));
        route.GiveUpIfSilent(hop, _dialer.Clock.Now);
        Assert.NotSame(hop, await route.AcquireAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Acquire_AfterAnHour_IsAnotherHopThatJudgesByTheTimeOfNow()
    {
        using var route = new Http3Route(Server("192.0.2.53", 443, "dns.test"), _dialer);
        var hop = await route.AcquireAsync(CancellationToken.None);
        _time.Advance(Http3Route.MaxAge - TimeSpan.FromSeconds(1));
        Assert.Same(hop, await route.AcquireAsync(CancellationToken.None));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotSame(hop, await route.AcquireAsync(CancellationToken.None));
    }

    [Fact]
    public async Task CloseIf_AnyAddressIsGone_TheHopIsNotUsedAgain()
    {
        using var route = new Http3Route(Server("192.0.2.53", 443, "dns.test"), _dialer);
        var hop = await route.AcquireAsync(CancellationToken.None);
        route.CloseIf(static _ => false);
        Assert.NotSame(hop, await route.AcquireAsync(CancellationToken.None));
    }

    private static Upstream Server(string address, int port, string? name, bool isResolved = false) => new(
        1, "h3", FlowEndpoint.From(IPAddress.Parse(address), port), usesDatagrams: false, link: new UpstreamLink
        {
            Scheme = UpstreamAddress.Http3, Host = isResolved ? name : null, ServerName = name ?? address, IsNamed = name is not null, Path = UpstreamAddress.DefaultPath,
        });

    private static byte[] Two(FakeQuery query)
    {
        var response = query.Respond(null);
        response[7] = 1;
        return [.. response, 0xC0, 0x0C, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16, .. IPAddress.Parse("2001:db8::1").GetAddressBytes()];
    }
}
