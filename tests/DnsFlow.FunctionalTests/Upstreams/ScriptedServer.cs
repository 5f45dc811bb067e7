using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>A scripted upstream over one of the transports.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>The name in its certificate.</summary>
    public const string Name = "dns.test";

    private readonly FakeUpstream? _plain;
    private readonly FakeHttpsUpstream? _https;
    private readonly string _scheme;

    private ScriptedServer(string scheme, FakeUpstream? plain, FakeHttpsUpstream? https) => (_scheme, _plain, _https) = (scheme, plain, https);

    /// <summary>As it is configured.</summary>
    public string Address => AddressOf(_scheme, Endpoint);

    public IPEndPoint Endpoint => _plain?.Endpoint ?? _https!.Endpoint;

    public IReadOnlyCollection<FakeQuery> Queries => _plain?.Queries ?? _https!.Queries;

    public FakeUpstream Plain => _plain!;

    public FakeHttpsUpstream Https => _https!;

    public static string AddressOf(string scheme, IPEndPoint endpoint) => scheme switch
    {
        "udp" => endpoint.ToString(),
        "tcp" => $"tcp://{endpoint}",
        "tls" => $"tls://{endpoint}#{Name}",
        _ => $"https://{endpoint}/dns-query#{Name}",
    };

    public static async Task<ScriptedServer> StartAsync(string scheme, X509Certificate2 certificate, params string[] protocols) => scheme switch
    {
        "tls" => new(scheme, new FakeUpstream(tls: Tls(certificate, protocols)), null),
        "https" => new(scheme, null, await FakeHttpsUpstream.StartAsync(certificate)),
        _ => new(scheme, new FakeUpstream(), null),
    };

    /// <summary>Every query is answered so, whatever it came by.</summary>
    public ScriptedServer Always(FakeReply reply)
    {
        _plain?.Always(reply).AlwaysOnStream(reply);
        _https?.Always(reply);
        return this;
    }

    public Task<FakeQuery> NextQueryAsync() => _plain?.NextQueryAsync() ?? _https!.NextQueryAsync();

    public async ValueTask DisposeAsync()
    {
        await (_plain?.DisposeAsync() ?? _https!.DisposeAsync());
    }

    /// <summary>An address of 127.0.0.1 where nobody listens, and where no server of another test comes to listen meanwhile.</summary>
    public static IPEndPoint Nobody() => new(IPAddress.Loopback, FreePort.Next());

    private static SslServerAuthenticationOptions Tls(X509Certificate2 certificate, string[] protocols) => new()
    {
        ServerCertificate = certificate,
        ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
    };
}
