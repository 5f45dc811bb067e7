using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// What the framework costs alone: each query comes back as it is, marked as a response.
//   limits tls|https PORT CERTIFICATE KEY
if (args is not [var what, var portText, var certificateFile, var keyFile] || !int.TryParse(portText, out var port))
{
    Console.Error.WriteLine("usage: limits tls|https PORT CERTIFICATE KEY");
    return 2;
}

using var certificate = X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(certificateFile, keyFile).Export(X509ContentType.Pkcs12), null);
await (what == "tls" ? TlsAsync() : HttpsAsync());
return 0;

async Task TlsAsync()
{
    var options = new SslServerAuthenticationOptions
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [new SslApplicationProtocol("dot")],
    };
    using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
    listener.Listen(1_024);
    while (true)
    {
        _ = EchoAsync(await listener.AcceptAsync(), options);
    }
}

static async Task EchoAsync(Socket socket, SslServerAuthenticationOptions options)
{
    socket.NoDelay = true;
    using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
    try
    {
        await tls.AuthenticateAsServerAsync(options);
        var buffer = new byte[16 << 10];
        var length = 0;
        while (await tls.ReadAsync(buffer.AsMemory(length)) is > 0 and var count)
        {
            length += count;
            var end = 0;
            while (length - end >= 2 && length - end - 2 >= ((buffer[end] << 8) | buffer[end + 1]))
            {
                buffer[end + 4] |= 0x80;
                end += 2 + ((buffer[end] << 8) | buffer[end + 1]);
            }

            if (end > 0)
            {
                await tls.WriteAsync(buffer.AsMemory(0, end));
                buffer.AsSpan(end, length - end).CopyTo(buffer);
                length -= end;
            }
        }
    }
    catch (Exception exception) when (exception is IOException or AuthenticationException or SocketException)
    {
        // The client is gone.
    }
}

async Task HttpsAsync()
{
    var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
    builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Loopback, port, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            endpoint.UseHttps(certificate);
        });
    });
    await using var application = builder.Build();
    application.Run(AnswerAsync);
    await application.RunAsync();
}

static async Task AnswerAsync(HttpContext context)
{
    var body = await context.Request.BodyReader.ReadAtLeastAsync((int)(context.Request.ContentLength ?? 512));
    context.Response.ContentType = "application/dns-message";
    context.Response.ContentLength = body.Buffer.Length;
    var room = context.Response.BodyWriter.GetSpan((int)body.Buffer.Length);
    System.Buffers.BuffersExtensions.CopyTo(body.Buffer, room);
    room[2] |= 0x80;
    context.Response.BodyWriter.Advance((int)body.Buffer.Length);
    context.Request.BodyReader.AdvanceTo(body.Buffer.End);
}
