using System.Security.Cryptography.X509Certificates;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>An authority, the certificate it gave to a server, and a folder with what has to be a file: that of the authority for <c>CaFile</c>, and what a test writes.</summary>
internal sealed class ServerTrust : IDisposable
{
    public ServerTrust(string names = ScriptedServer.Name)
    {
        Certificate = Authority.Issue(names);
        File.WriteAllText(CaFile, Authority.Pem);
    }

    public TestAuthority Authority { get; } = new();

    public X509Certificate2 Certificate { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("dnsflow-trust").FullName;

    public string CaFile => Path.Combine(Folder, "ca.pem");

    public void Dispose()
    {
        Authority.Dispose();
        Certificate.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
