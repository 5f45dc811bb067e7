using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Lists;
using DnsFlow.TestKit;
using DnsFlow.Transports.Dialing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.FunctionalTests.Lists;

/// <summary>Lists by HTTPS from a server of the test.</summary>
public sealed class ListFetchTests : IAsyncLifetime
{
    private static readonly X509Certificate2 s_certificate = Certificate();

    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-fetch").FullName;
    private readonly int _port = FreePort.Next();
    private readonly BootstrapResolver _resolver = new(TimeProvider.System);
    private readonly ListFetcher _fetcher;
    private readonly ListCopies _copies;
    private WebApplication? _server;
    private int _bodies;

    public ListFetchTests()
    {
        _fetcher = new ListFetcher(_resolver, TimeProvider.System, IsOurs);
        _copies = new ListCopies(Path.Combine(_folder, "state"));
    }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen => listen.UseHttps(s_certificate)));
        builder.WebHost.UseKestrelHttpsConfiguration();
        _server = builder.Build();
        _server.MapGet("/good.txt", Good);
        _server.MapGet("/page", static context => context.Response.WriteAsync("<!doctype html><h1>moved</h1>"));
        _server.MapGet("/fail", static context => Status(context, 503));
        _server.MapGet("/loop", context => Redirect(context, "/loop"));
        _server.MapGet("/moved", context => Redirect(context, "/good.txt"));
        _server.MapGet("/clear", context => Redirect(context, "http://127.0.0.1/"));
        _server.MapGet("/large", Large);
        await _server.StartAsync();
    }

    [Fact]
    public async Task Fetch_Twice_SecondIsConditionalAndSendsNothing()
    {
        var first = await _fetcher.FetchAsync(Address("good.txt"), _copies, CancellationToken.None);
        Assert.Null(first.Error);
        _copies.Keep(Address("good.txt"), first.Path!, first.Version);
        Assert.Equal("a.example\nb.example\n", await File.ReadAllTextAsync(_copies.PathOf(Address("good.txt"))));
        Assert.Equal(FetchedList.Unchanged, await _fetcher.FetchAsync(Address("good.txt"), _copies, CancellationToken.None));
        Assert.Equal(1, _bodies);
    }

    [Theory]
    [InlineData("fail", "the server answered 503 Service Unavailable")]
    [InlineData("clear", "it is redirected to 'http://127.0.0.1/', which is not https")]
    [InlineData("large", "it is larger than 64 MiB, the most that is read")]
    public async Task Fetch_WhatIsNoList_SaysWhy(string path, string error)
    {
        Assert.Equal(error, (await _fetcher.FetchAsync(Address(path), _copies, CancellationToken.None)).Error);
        Assert.Empty(Directory.Exists(Path.Combine(_folder, "state")) ? Directory.GetFiles(Path.Combine(_folder, "state")) : []);
    }

    [Theory]
    [InlineData("loop")]
    [InlineData("moved")]
    public async Task Fetch_RedirectToPrivateAddress_IsRefused(string path)
    {
        // The connection of the first request is kept; the redirect goes to another host name so that a new one is made.
        var fetched = await _fetcher.FetchAsync(Address(path), _copies, CancellationToken.None);
        Assert.Contains("has no public address", fetched.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_HostName_IsResolvedByTheBootstrapServer()
    {
        using var unbound = ToolProcess.Find("unbound") is null ? null : await RecursiveServer.StartAsync("lists.example. A 127.0.0.1");
        if (unbound is null)
        {
            return;
        }

        _resolver.Servers = [new IPEndPoint(IPAddress.Loopback, unbound.Port)];
        var fetched = await _fetcher.FetchAsync($"https://lists.example:{_port}/good.txt", _copies, CancellationToken.None);
        Assert.Null(fetched.Error);
        File.Delete(fetched.Path!);
        Assert.Contains("'none.example' is not resolved by Bootstrap:Servers", (await _fetcher.FetchAsync($"https://none.example:{_port}/", _copies, CancellationToken.None)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_PageInsteadOfList_LeavesTheLastGoodCopyInForce()
    {
        var time = new ManualTimeProvider();
        using var store = new ListStore(time, NullLogger.Instance, _resolver, new ListFetcher(_resolver, TimeProvider.System, IsOurs));
        var place = new ListPlace(_folder, _copies, 1 << 20, []);
        var options = new Dictionary<string, ListOptions> { ["ads"] = new() { Sources = [Address("list")] } };
        var body = "a.example\nb.example\n";
        _server!.MapGet("/list", context => context.Response.WriteAsync(body));
        store.Activate(store.Prepare(options, place, static (_, error) => Assert.Fail(error)));
        Assert.Equal((2, null), Entries(await store.RefreshAsync(null, false, CancellationToken.None)));
        body = "<html>";
        Assert.Equal((2, Address("list") + ": it is a web page, not a list"), Entries(await store.RefreshAsync(null, false, CancellationToken.None)));

        // A new process starts from the copy, without asking anybody.
        using var next = new ListStore(time, NullLogger.Instance);
        Assert.Equal(2, next.Prepare(options, place, static (_, error) => Assert.Fail(error)).Lists[0].Data!.Count);
    }

    public async Task DisposeAsync()
    {
        _fetcher.Dispose();
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate?.GetCertHashString() == s_certificate.Thumbprint;

    private static (int, string?) Entries(IReadOnlyList<ListReport> reports) => (reports[0].Entries, reports[0].Error);

    private string Address(string path) => $"https://127.0.0.1:{_port}/{path}";

    private Task Good(HttpContext context)
    {
        if (context.Request.Headers.IfNoneMatch == "\"v1\"" && context.Request.Headers.IfModifiedSince.Count == 1)
        {
            return Status(context, 304);
        }

        _bodies++;
        context.Response.Headers.ETag = "\"v1\"";
        context.Response.Headers.LastModified = "Sun, 22 Nov 2026 06:00:00 GMT";
        return context.Response.WriteAsync("a.example\nb.example\n");
    }

    private static async Task Large(HttpContext context)
    {
        var block = new byte[1 << 20];
        Array.Fill(block, (byte)'\n');
        for (var i = 0; i <= 64; i++)
        {
            await context.Response.Body.WriteAsync(block);
        }
    }

    private Task Redirect(HttpContext context, string path)
    {
        context.Response.Headers.Location = path.StartsWith('/') ? $"https://127.0.0.2:{_port}{path}" : path;
        return Status(context, 302);
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=lists.example", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
