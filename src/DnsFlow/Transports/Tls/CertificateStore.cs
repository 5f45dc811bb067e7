using Microsoft.Extensions.Logging;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// The certificates of a listener, chosen by the name a client sends (SNI); the first is for everybody else. When a client comes the files are looked at, at most
/// every two seconds, and read again when they were changed: what is wrong then is logged once, and the old certificate stays.
/// </summary>
internal sealed partial class CertificateStore
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(2);

    private readonly Entry[] _entries;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private long _lookedAt;

    private CertificateStore(Entry[] entries, TimeProvider time, ILogger logger)
    {
        _entries = entries;
        _time = time;
        _logger = logger;
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Loads all; null when one is no good, and then <paramref name="onError"/> was told which, by its number, and a sentence about it.</summary>
    public static CertificateStore? TryLoad(IReadOnlyList<CertificateFiles> files, TimeProvider time, ILogger logger, Action<int, string> onError)
    {
        var entries = new List<Entry>();
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            var state = file.Look();
            if (ServerCertificate.TryLoad(file, time.GetUtcNow(), out var error) is { } certificate)
            {
                entries.Add(new Entry(file, certificate, state));
            }
            else
            {
                onError(i, error);
            }
        }

        return entries.Count == files.Count ? new CertificateStore([.. entries], time, logger) : null;
    }

    /// <summary>The certificate for clients that send no name.</summary>
    public ServerCertificate Default => _entries[0].Certificate;

    /// <summary>The file of <see cref="Default"/>.</summary>
    public string DefaultFile => _entries[0].Files.Certificate;

    /// <summary>The certificate for a name; the first when none is for it or no name was sent.</summary>
    public ServerCertificate Select(string? name)
    {
        Look();
        if (!string.IsNullOrEmpty(name))
        {
            foreach (var entry in _entries)
            {
                if (entry.Certificate.IsFor(name))
                {
                    return entry.Certificate;
                }
            }
        }

        return Default;
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) < s_lookEvery)
            {
                return;
            }

            _lookedAt = _time.GetTimestamp();
            foreach (var entry in _entries)
            {
                Refresh(entry);
            }
        }
    }

    private void Refresh(Entry entry)
    {
        var state = entry.Files.Look();
        if (state == entry.State)
        {
            return;
        }

        entry.State = state;
        if (ServerCertificate.TryLoad(entry.Files, _time.GetUtcNow(), out var error) is { } certificate)
        {
            entry.Certificate = certificate;
            Log.Renewed(_logger, entry.Files.Certificate, certificate.Leaf.NotAfter.ToUniversalTime());
        }
        else
        {
            Log.Refused(_logger, error);
        }
    }

    private sealed class Entry(CertificateFiles files, ServerCertificate certificate, (FileState Certificate, FileState Key) state)
    {
        private volatile ServerCertificate _certificate = certificate;

        public CertificateFiles Files => files;

        public ServerCertificate Certificate
        {
            get => _certificate;
            set => _certificate = value;
        }

        public (FileState Certificate, FileState Key) State { get; set; } = state;
    }

    private static partial class Log
    {
        [LoggerMessage(530, LogLevel.Information, "The certificate {File} was renewed; it is valid until {Until:yyyy-MM-dd}.")]
        public static partial void Renewed(ILogger logger, string file, DateTime until);

        [LoggerMessage(531, LogLevel.Warning, "A changed certificate is no good, the old one stays: {Problem}.")]
        public static partial void Refused(ILogger logger, string problem);
    }
}
