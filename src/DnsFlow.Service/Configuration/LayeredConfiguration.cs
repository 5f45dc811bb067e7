using DnsFlow.Server;
using DnsFlow.Service.Commands;

namespace DnsFlow.Service.Configuration;

/// <summary>The layers of this program's configuration: read once at the start, and again, files and all, for each reload. Thread safe.</summary>
internal sealed class LayeredConfiguration : IProxyConfigurationSource
{
    private readonly StartSettings _settings;
    private readonly ProgramContext _context;
    private volatile Reading _last;
    private int _loads;

    /// <summary>Reads them for the first time.</summary>
    public LayeredConfiguration(StartSettings settings, ProgramContext context)
    {
        (_settings, _context) = (settings, context);
        _last = Read();
    }

    /// <summary>What was read last, with or without errors.</summary>
    public LoadedConfiguration Last => _last.Configuration;

    /// <summary>The files it was read from, and those it names, as they were just before.</summary>
    public FileFingerprint Seen => _last.Seen;

    /// <inheritdoc/>
    public ConfigurationInput Load()
    {
        // The start takes what was read to find out how to start.
        if (Interlocked.Increment(ref _loads) > 1)
        {
            _last = Read();
        }

        return Last.Input;
    }

    // Each file's state is noted before the file is read: one that changes meanwhile differs from what is noted, and is read again.
    private Reading Read()
    {
        var layers = FileFingerprint.Of(ConfigurationLayers.Files(_settings, _context));
        var configuration = ConfigurationLayers.Load(_settings, _context);
        return new Reading(configuration, layers.With(NamedFiles.Of(configuration)));
    }

    private sealed record Reading(LoadedConfiguration Configuration, FileFingerprint Seen);
}
