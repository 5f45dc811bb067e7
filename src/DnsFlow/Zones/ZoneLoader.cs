using System.Collections.Immutable;
using System.Security.Cryptography;
using DnsFlow.Protocol;
using DnsFlow.Zones.Transfer;

namespace DnsFlow.Zones;

/// <summary>
/// Loads zones: every <c>*.zone</c> of a folder, and those named in the configuration. Gives the store or all errors; throws for nothing that stands in
/// a file. One loader makes one store.
/// </summary>
internal sealed class ZoneLoader
{
    /// <summary>The most zones and hosts files.</summary>
    public const int MaxFiles = 10_000;

    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private readonly ZoneStore? _previous;
    private readonly string _stateFolder;
    private readonly NameTable<ZoneBuilder> _builders;
    private readonly NameTable<Zone> _zones;
    private readonly NameTable<string> _origins;
    private readonly Dictionary<ZoneBuilder, (string File, string Key)> _files = [];
    private readonly Dictionary<string, LoadedZone> _loaded = [];
    private readonly List<SecondarySettings> _secondaries = [];
    private readonly List<ZoneRecord> _hosts = [];
    private readonly List<ZoneBuilder> _reversed = [];
    private readonly List<ZoneError> _errors = [];
    private readonly long _maxBytes;
    private long _left;
    private bool _mayReuse;

    private ZoneLoader(string? stateFolder, ZoneStore? previous, long maxBytes)
    {
        _previous = previous;
        _left = _maxBytes = maxBytes;
        _stateFolder = stateFolder ?? Directory.GetCurrentDirectory();
        (_builders, _zones, _origins) = (new NameTable<ZoneBuilder>(_seed), new NameTable<Zone>(_seed), new NameTable<string>(_seed));
    }

    /// <summary>Loads all <c>*.zone</c> files of <paramref name="folder"/> (none when it does not exist) and the named zones.</summary>
    /// <param name="folder">The folder; null = none.</param>
    /// <param name="named">The zones of the configuration by name. A file that stands here is not read a second time from the folder.</param>
    /// <param name="stateFolder">Where transferred zones are kept; null = the current folder.</param>
    /// <param name="previous">The zones before: those whose files are unchanged are taken over.</param>
    /// <param name="maxBytes">The most octets that all zones may take together.</param>
    public static ZoneLoadResult Load(
        string? folder, IReadOnlyDictionary<string, ZoneOptions>? named = null, string? stateFolder = null, ZoneStore? previous = null, long maxBytes = long.MaxValue)
    {
        var loader = new ZoneLoader(stateFolder, previous, maxBytes);
        named ??= ImmutableDictionary<string, ZoneOptions>.Empty;
        loader._mayReuse = previous is not null && named.Values.All(options => options.Reverse != true || options.HostsFile is not null);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, options) in named.OrderBy(zone => zone.Value.HostsFile is null))
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
        if ($"{options.File}{options.HostsFile}{options.TsigKeyFile}".Contains('\0', StringComparison.Ordinal))
        {
            errors.Add(key, 0, "the name of a file has a NUL character");
        }
        else if (options.Primaries.Count > 0)
        {
            if (SecondaryLoader.Read(name, key, options, _stateFolder, _maxBytes, errors) is { } settings && TryTake(settings.Apex, key, errors))
            {
                known.Add(Path.GetFullPath(settings.CopyPath));
                _secondaries.Add(settings);
            }
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
                LoadZone(file, origin, options, errors);
            }
        }
        else if (options.HostsFile is { Length: > 0 } hosts && options.File is not { Length: > 0 } && options.Origin is null)
        {
            LoadHosts(hosts, options.Reverse ?? true, errors);
        }
        else
        {
            errors.Add(key, 0, "set either File (and Origin, if the file does not say it) or HostsFile alone, or Primaries and Origin");
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
                LoadZone(file, null, new ZoneOptions(), own);
                _errors.AddRange(own.Items);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add(folder, 0, $"the folder cannot be read: {exception.Message}");
        }

        _errors.AddRange(errors.Items);
    }

    private void LoadZone(string file, DomainName? origin, ZoneOptions options, ZoneErrors errors)
    {
        var key = $"{Path.GetFullPath(file)}\n{origin}\n{options.MaxRecords}";
        if (_mayReuse && _previous!.Files.TryGetValue(key, out var before) && before.IsCurrent && !_hosts.Exists(host => WireName.IsAtOrBelow(host.Owner, before.Zone.Apex)))
        {
            if (TryTake(before.Zone.Apex.ToArray(), file, errors))
            {
                _zones.TryAdd(before.Zone.Apex.ToArray(), before.Zone);
                _loaded[key] = before;
                _left -= before.Zone.Bytes;
            }

            return;
        }

        var stamp = FileStamp.Of(file);
        if (!ZoneFolder.TryRead(file, ZoneFolder.MaxBytes, out var content, out var error))
        {
            errors.Add(file, 0, error);
            return;
        }

        var folder = new ZoneFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        if (ZoneFile.Read(file, content, origin, folder, _seed, errors, options.MaxRecords, stamp, _left) is not { } builder || !TryTake(builder.Apex, file, errors))
        {
            return;
        }

        _left -= builder.Memory;
        _builders.TryAdd(builder.Apex, builder);
        _files[builder] = (file, key);
        if (options.Reverse == true)
        {
            _reversed.Add(builder);
        }
    }

    /// <summary>Takes an apex for a file or a key of the configuration; false when another has it.</summary>
    private bool TryTake(byte[] apex, string taker, ZoneErrors errors) =>
        _origins.TryAdd(apex, taker)
        || errors.Add(taker, 0, $"zone '{NameText.Print(apex)}' is already loaded from {_origins.Find(apex)}; one zone has one file");

    private void LoadHosts(string file, bool reverse, ZoneErrors errors)
    {
        if (!ZoneFolder.TryRead(file, ZoneFolder.MaxBytes, out var content, out var error))
        {
            errors.Add(file, 0, error);
        }
        else if (HostsFileReader.TryRead(file, content, errors, out var records, reverse))
        {
            var taken = records.Sum(static record => (long)ZoneMemory.Of(record));
            if (taken > _left)
            {
                errors.Add(file, 0, ZoneMemory.Full(_left));
                return;
            }

            _left -= taken;
            _hosts.AddRange(records);
        }
    }

    private ZoneLoadResult Build()
    {
        var hosts = new HostsCompiler(_builders, _seed);
        foreach (var record in _hosts.Concat(_reversed.SelectMany(ReverseRecords.Of).ToList()))
        {
            hosts.Add(record);
        }

        // From here on counts what the zones take in the end, not what their records took.
        _left = _maxBytes - _zones.Values.Sum(static zone => zone.Bytes);
        foreach (var (builder, (file, key)) in _files)
        {
            var errors = new ZoneErrors();
            if (builder.Build(errors, file) is { } zone && Fits(zone, file, errors))
            {
                _zones.TryAdd(builder.Apex, zone);
                if (!builder.HasOthers)
                {
                    _loaded[key] = new LoadedZone(zone, builder.Files);
                }
            }

            _errors.AddRange(errors.Items);
        }

        var alone = _errors.Count > 0 ? null : hosts.Build();
        var last = new ZoneErrors();
        if (alone is not null && !Fits(alone, "hosts files", last))
        {
            _errors.AddRange(last.Items);
        }

        return _errors.Count > 0 ? new ZoneLoadResult(null, null, [.. _errors]) : Complete(alone);
    }

    private bool Fits(Zone zone, string file, ZoneErrors errors)
    {
        if (zone.Bytes > _left)
        {
            return errors.Add(file, 0, ZoneMemory.Full(_left));
        }

        _left -= zone.Bytes;
        return true;
    }

    private ZoneLoadResult Complete(Zone? hosts)
    {
        foreach (var settings in _secondaries)
        {
            _zones.TryAdd(settings.Apex, Zone.Unavailable(settings.Apex));
        }

        var store = new ZoneStore(new ZoneTable(_zones, hosts)) { Files = _loaded, MaxBytes = _maxBytes };
        return new ZoneLoadResult(store, new ZoneTransfers(_secondaries.ConvertAll(settings => Secondary(settings, store))), []);
    }

    /// <summary>A zone with the version that is kept on disk, if there is one and it fits.</summary>
    private SecondaryZone Secondary(SecondarySettings settings, ZoneStore store)
    {
        if (ZoneCopy.Load(settings, _seed, out var confirmed) is not { } copy)
        {
            return new SecondaryZone(settings, store, null, default, _seed);
        }

        return store.TryReplace(copy.Zone, out var left)
            ? new SecondaryZone(settings, store, copy, confirmed, _seed)
            : new SecondaryZone(settings, store, null, default, _seed, ZoneMemory.Full(left));
    }
}
