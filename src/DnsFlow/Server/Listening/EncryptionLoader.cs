using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.Flows;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using DnsFlow.Transports.Tls;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server.Listening;

/// <summary>Reads the certificates that the listeners name. What is wrong with one is an error of the configuration that names its key and its file.</summary>
internal sealed class EncryptionLoader(TimeProvider time, ILogger logger)
{
    private const string SelfSignedFile = "self-signed.pem";

    private readonly HandshakeGate _gate = new(time);
    private readonly HandshakeFaults _faults = new(time, logger);

    /// <summary>The same for a candidate; makes no file when something is wrong already.</summary>
    public Dictionary<string, TlsServer> Load(Candidate candidate, bool makesFiles)
        => Load(candidate.Options, candidate.BaseFolder, makesFiles && !candidate.Errors.Any, candidate.Errors);

    /// <summary>How each listener with tls or https shakes hands, by its name. </summary>
    /// <param name="options">The configuration.</param>
    /// <param name="baseFolder">The folder that file names are relative to.</param>
    /// <param name="makesFiles">Whether a self-signed certificate is made that is not there yet.</param>
    /// <param name="errors">What is wrong.</param>
    /// <returns>Complete when nothing is wrong, but for certificates that are not made yet.</returns>
    public Dictionary<string, TlsServer> Load(ProxyOptions options, string baseFolder, bool makesFiles, SettingsErrors errors)
    {
        var servers = new Dictionary<string, TlsServer>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, listener) in options.Listeners)
        {
            if (listener.Certificate is not null || listener.SelfSigned)
            {
                var path = $"{options.Path}:Listeners:{name}";
                var authorities = Authorities(listener, baseFolder, path, errors);
                if (Certificates(listener, baseFolder, makesFiles, path, errors) is { } certificates)
                {
                    servers[name] = new TlsServer(certificates, authorities, _gate, _faults, new NetworkSet(options.Limits.PerClient.Exempt));
                }
            }
        }

        return servers;
    }

    private CertificateStore? Certificates(ListenerOptions listener, string baseFolder, bool makesFiles, string path, SettingsErrors errors)
    {
        var main = Located(baseFolder, listener.Certificate ?? SelfSignedFile);
        if (listener.SelfSigned && !makesFiles && !File.Exists(main))
        {
            return null;        // a start would make it
        }

        var key = listener.Key is { } own ? Located(baseFolder, own) : null;
        if (listener.SelfSigned && key is null && (!File.Exists(main) || File.Exists(Path.ChangeExtension(main, ".key"))))
        {
            key = Path.ChangeExtension(main, ".key");
        }

        if (listener.SelfSigned && SelfSignedCertificate.TryMake(main, key ?? main, Addresses(listener), time.GetUtcNow()) is { } problem)
        {
            errors.Add($"{path}:SelfSigned", problem);
            return null;
        }

        List<CertificateFiles> files = [new(main, key)];
        files.AddRange(listener.MoreCertificates.TakeWhile(static more => more.Certificate is not null)       // one without is an error already
            .Select(more => new CertificateFiles(Located(baseFolder, more.Certificate!), more.Key is { } its ? Located(baseFolder, its) : null)));
        return CertificateStore.TryLoad(
            files, time, logger, (index, problem) => errors.Add(index == 0 ? $"{path}:Certificate" : $"{path}:MoreCertificates:{index - 1}:Certificate", problem));
    }

    private static X509Certificate2Collection? Authorities(ListenerOptions listener, string baseFolder, string path, SettingsErrors errors)
    {
        if (listener.ClientAuthorities is null)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        var file = Located(baseFolder, listener.ClientAuthorities);
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            errors.Add($"{path}:ClientAuthorities", $"{file}: {(exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : exception.Message)}");
            return authorities;
        }

        if (authorities.Count == 0)
        {
            errors.Add($"{path}:ClientAuthorities", $"{file}: it has no certificate");
        }

        return authorities;
    }

    private static IEnumerable<IPAddress> Addresses(ListenerOptions listener)
    {
        foreach (var endpoint in listener.Endpoints.SelectMany(ListenText.Parse))
        {
            if (!endpoint.Address.Equals(IPAddress.Any) && !endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                yield return endpoint.Address;
            }
        }
    }

    private static string Located(string baseFolder, string file) => Path.GetFullPath(Path.Combine(baseFolder, file));
}
