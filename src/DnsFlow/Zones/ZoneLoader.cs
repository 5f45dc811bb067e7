using System.Collections.Immutable;
using System.Security.Cryptography;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// Loads zones: every <c>*.zone</c> of a folder, and those named in the configuration. Gives the store or all errors; throws for nothing that stands in
/// a file. One loader makes one store.
/// </summary>
internal sealed class ZoneLoader
{
    /// <summary>The most zones and hosts files.</summary>
    public const int MaxFiles = 10_000;

    private readonly ulong _seed;
    private readonly NameTable<ZoneBuilder> _builders;
    private readonly Dictionary<ZoneBuilder, string> _files = [];
    private readonly List<ZoneRecord> _hosts = [];
    private readonly List<ZoneError> _errors = [];

    private ZoneLoader(ulong seed)
    {
        _seed = seed;
        _builders = new NameTable<ZoneBuilder>(seed);
    }

    /// <summary>Loads all <c>*.zone</c> files of <paramref name="folder"/> (none when it does not exist) and the named zones.</summary>
    /// <param name="folder">The folder; null = none.</param>
    /// <param name="named">The zones of the configuration by name. A file that stands here is not read a second time from the folder.</param>
    public static ZoneLoadResult Load(string? folder, IReadOnlyDictionary<string, ZoneOptions>? named = null)
    {
        var loader = new ZoneLoader(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, options) in named ?? ImmutableDictionary<string, ZoneOptions>.Empty)
        {
            loader.LoadNamed(name, options, known);
        }

        loader.LoadFolder(folder, known);
        return loader.Build();
    }

    private void LoadNamed(string name, ZoneOptions options, HashSet<string> known)
    {
        var key = "DnsFlow:Zones:" + name;
        var errors = new ZoneErrors();
        if ($"{options.File}{options.HostsFile}".Contains('\0', StringComparison.Ordinal))
        {
            errors.Add(key, 0, "the name of a file has a NUL character");
        }
        else if (options.File is { Length: > 0 } file && options.HostsFile is not { Length: > 0 })
        {
            known.Add(Path.GetFullPath(file));
            DomainName? origin = null;
            string? error = null;
            if (options.Origin is { } text && !DomainName.TryParse(text, DomainName.Root, out origin, out error))
            {
                errors.Add(key + ":Origin", 0, $"'{text}' is not a name: {error}");
            }
            else
            {
                LoadZone(file, origin, errors);
            }
        }
        else if (options.HostsFile is { Length: > 0 } hosts && options.File is not { Length: > 0 } && options.Origin is null)
        {
            LoadHosts(hosts, errors);
        }
        else
        {
            errors.Add(key, 0, "set either File (and Origin, if the file does not say it) or HostsFile alone");
        }

        _errors.AddRange(errors.Items);
    }

    private void LoadFolder(string? folder, HashSet<string> known)
    {
        if (folder is null || !Directory.Exists(folder))
        {
            return;
        }

        var errors = new ZoneErrors();
        try
        {
            var files = Directory.EnumerateFiles(folder, "*.zone").Take(MaxFiles + 1).Order(StringComparer.Ordinal).ToList();
            if (files.Count > MaxFiles)
            {
                errors.Add(folder, 0, $"the folder has more than {MaxFiles:N0} zone files, the most that are read");
                files.Clear();
            }

            foreach (var file in files.Where(file => !known.Contains(Path.GetFullPath(file))))
            {
                var own = new ZoneErrors();
                LoadZone(file, null, own);
                _errors.AddRange(own.Items);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add(folder, 0, $"the folder cannot be read: {exception.Message}");
        }

        _errors.AddRange(errors.Items);
    }

    private void LoadZone(string file, DomainName? origin, ZoneErrors errors)
    {
        if (!ZoneFolder.TryRead(file, ZoneFolder.MaxBytes, out var content, out var error))
        {
            errors.Add(file, 0, error);
            return;
        }

        var folder = new ZoneFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (ZoneFile.Read(file, content, origin, folder, _seed, errors) is not { } builder)
        {
            return;
        }

        if (!_builders.TryAdd(builder.Apex, builder))
        {
            errors.Add(file, 0, $"zone '{NameText.Print(builder.Apex)}' is already loaded from {_files[_builders.Find(builder.Apex)!]}; one zone has one file");
            return;
        }

        _files[builder] = file;
    }

    private void LoadHosts(string file, ZoneErrors errors)
    {
        if (!ZoneFolder.TryRead(file, ZoneFolder.MaxBytes, out var content, out var error))
        {
            errors.Add(file, 0, error);
        }
        else if (HostsFileReader.TryRead(file, content, errors, out var records))
        {
            _hosts.AddRange(records);
        }
    }

    private ZoneLoadResult Build()
    {
        var hosts = new HostsCompiler(_builders, _seed);
        foreach (var record in _hosts)
        {
            hosts.Add(record);
        }

        var zones = new NameTable<Zone>(_seed);
        foreach (var (builder, file) in _files)
        {
            var errors = new ZoneErrors();
            if (builder.Build(errors, file) is { } zone)
            {
                zones.TryAdd(builder.Apex, zone);
            }

            _errors.AddRange(errors.Items);
        }

        var hostErrors = new ZoneErrors();
        var alone = hosts.Build(hostErrors);
        _errors.AddRange(hostErrors.Items);
        return _errors.Count > 0 ? new ZoneLoadResult(null, [.. _errors]) : new ZoneLoadResult(new ZoneStore(zones, alone), []);
    }
}
