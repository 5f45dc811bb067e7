using System.Net;
using DnsFlow.Transports.Quic;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

public class UpstreamQuicSettingsTests
{
    private static readonly QuicSupport s_none = new(static () => "nobody installed it", static () => true), s_some = new(static () => null, static () => true);

    [Theory]
    [InlineData("quic://9.9.9.9#dns.quad9.net")]
    [InlineData("h3://dns.quad9.net/dns-query")]
    public void Validate_SystemWithoutQuic_IsRefusedWithTheReason(string server)
    {
        Assert.Equal([$"Servers:1: '{server}' needs QUIC: nobody installed it"], Errors(new() { Servers = ["9.9.9.9", server] }, s_none));
        Assert.Empty(Errors(new() { Servers = ["9.9.9.9", server] }, s_some));
    }

    [Fact]
    public void Validate_ProgramWithoutHttp3_RefusesThatAlone()
    {
        var trimmed = new QuicSupport(static () => null, static () => false);
        Assert.Empty(Errors(new() { Servers = ["quic://9.9.9.9"] }, trimmed));
        Assert.Equal(
            ["Servers:0: 'h3://9.9.9.9' needs QUIC: the program was built without HTTP/3 (Http3Support); use quic://, tls:// or https://"], Errors(new() { Servers = ["h3://9.9.9.9"] }, trimmed));
    }

    [Fact]
    public void Validate_NobodyAsksForQuic_NobodyLooksForIt()
    {
        var quic = new QuicSupport(static () => throw new InvalidOperationException("It was looked for."), static () => true);
        Assert.Empty(Errors(new() { Servers = ["9.9.9.9", "tls://9.9.9.9", "https://9.9.9.9"] }, quic));
    }

    [Fact]
    public void Create_TheRegistryKnowsTheSystem()
    {
        var errors = new List<string>();
        Assert.Null(new UpstreamRegistry(static _ => false, quic: s_none).Create("default", 1, new UpstreamGroupOptions { Servers = ["quic://9.9.9.9"] }, errors));
        Assert.Equal(["Servers:0: 'quic://9.9.9.9' needs QUIC: nobody installed it"], errors);
        using var group = new UpstreamRegistry(static _ => false, quic: s_some).Create("default", 1, new UpstreamGroupOptions { Servers = ["quic://9.9.9.9"] }, []);
        Assert.Equal(("quic://9.9.9.9:853", "quic", true), (group!.Servers[0].Name, group.Servers[0].Link.Scheme, group.Servers[0].Link.IsEncrypted));
    }

    [Theory]
    [InlineData("quic://9.9.9.9")]
    [InlineData("h3://9.9.9.9")]
    public void Validate_WaysThatQuicCannotGo_AreRefused(string server)
    {
        Assert.Contains("cannot go through Proxy", Assert.Single(Errors(new() { Servers = [server], Proxy = "socks5://127.0.0.1:1080" }, s_some)), StringComparison.Ordinal);
        Assert.Contains("cannot be bound to Interface", Errors(new() { Servers = [server], Interface = "eth0" }, s_some)[0], StringComparison.Ordinal);
        Assert.Contains("cannot carry Mark", Errors(new() { Servers = [server], Mark = 7 }, s_some)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_SourceAddress_GoesWithQuicAndNotWithHttp3()
    {
        var source = IPAddress.Parse("192.0.2.9");
        Assert.Empty(Errors(new() { Servers = ["quic://9.9.9.9"], SourceAddress = source }, s_some));
        Assert.Contains("do not mix", Assert.Single(Errors(new() { Servers = ["quic://[2001:db8::1]"], SourceAddress = source }, s_some)), StringComparison.Ordinal);
        Assert.Contains("cannot leave from SourceAddress", Assert.Single(Errors(new() { Servers = ["h3://9.9.9.9"], SourceAddress = source }, s_some)), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_PinsAndCaFile_GoWithQuic()
        => Assert.Empty(Errors(new() { Servers = ["quic://9.9.9.9"], Pins = [Convert.ToBase64String(new byte[32])], CaFile = "ca.pem" }, s_some));

    [Fact]
    public void OfThisSystem_SaysWhatToDoOrNothing()
        => Assert.True(QuicSupport.OfThisSystem.Problem is not { } problem || (problem.Contains("IsSupported is false", StringComparison.Ordinal) && problem.Contains("use tls:// or https://", StringComparison.Ordinal)));

    private static List<string> Errors(UpstreamGroupOptions options, QuicSupport quic)
    {
        var errors = new List<string>();
        options.Validate(errors, quic);
        return errors;
    }
}
