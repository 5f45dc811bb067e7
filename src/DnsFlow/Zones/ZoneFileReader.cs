using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// Reads master files (RFC 1035 section 5, $TTL of RFC 2308 section 4, unknown types of RFC 3597, $GENERATE) into records. Tells every error, with its line
/// and what is allowed, up to <see cref="ZoneErrors.Max"/>; never throws for content. One reader reads one zone.
/// </summary>
/// <param name="folder">Where $INCLUDE finds its files; null = $INCLUDE is refused.</param>
/// <param name="errors">Where errors go.</param>
/// <param name="maxRecords">The most records of the zone; one more is an error.</param>
/// <param name="maxMemory">The most octets that the records may take.</param>
internal sealed class ZoneFileReader(ZoneFolder? folder, ZoneErrors errors, int maxRecords = ZoneOptions.DefaultMaxRecords, long maxMemory = long.MaxValue)
{
    /// <summary>How deep files may include files.</summary>
    public const int MaxDepth = 8;

    /// <summary>How many files one zone may include in all.</summary>
    public const int MaxIncludes = 1024;

    private DomainName _origin = DomainName.Root;
    private byte[]? _owner;
    private bool _isOwnerBroken;
    private uint? _defaultTtl;
    private uint? _lastTtl;
    private bool _isTtlMissing;
    private readonly Stack<string> _open = [];
    private int _maxBytes = ZoneFileContent.MaxBytes;
    private int _includes;
    private int _bytes;

    /// <summary>The records in the order of the file.</summary>
    public List<ZoneRecord> Records { get; } = [];

    /// <summary>How many octets the records take.</summary>
    public long Memory { get; private set; }

    /// <summary>The files that were read, as they were before.</summary>
    public List<FileStamp> Files { get; } = [];

    /// <summary>What is said of a zone with too many records.</summary>
    public static string TooManyRecords(int most) =>
        $"the zone has more than {most:N0} records, the most that MaxRecords allows (up to {ZoneOptions.HighestMaxRecords:N0}; a record takes about 300 octets of memory)";

    /// <summary>Whether reading ended because there are too many records.</summary>
    private bool IsTooLarge { get; set; }

    /// <summary>Reads a file's content; <paramref name="file"/> is its name in errors, <paramref name="origin"/> the first origin.</summary>
    public void Read(string file, ReadOnlyMemory<byte> content, DomainName origin, int maxBytes = ZoneFileContent.MaxBytes)
    {
        _maxBytes = maxBytes;
        _origin = origin;
        _open.Push(folder is null ? file : ZoneFolder.RealPath(file));
        ReadContent(file, content);
    }

    private void ReadContent(string file, ReadOnlyMemory<byte> content)
    {
        _bytes += content.Length;
        if (!ZoneFileContent.TryPrepare(content, file, errors, out var text, _maxBytes))
        {
            return;
        }

        var scanner = new ZoneFileScanner(text, file, errors);
        while (!errors.IsFull && !IsTooLarge && scanner.Read() is { } entry)
        {
            var isDirective = !entry.StartsBlank && !entry.IsNextQuoted && entry.Peek()!.StartsWith('$');
            var error = isDirective ? ReadDirective(entry) : ReadRecord(entry);
            if (error is not null)
            {
                errors.Add(file, entry.ErrorLine, error);
            }
        }
    }

    private string? ReadDirective(ZoneFileEntry entry)
    {
        var name = entry.Next()!.ToUpperInvariant();
        return name switch
        {
            "$ORIGIN" => ReadOrigin(entry),
            "$TTL" => ReadDefaultTtl(entry),
            "$INCLUDE" => ReadInclude(entry),
            "$GENERATE" => ReadGenerate(entry),
            _ => $"unknown directive '{ZoneFileWords.Shorten(name)}'; allowed are $ORIGIN, $TTL, $INCLUDE and $GENERATE",
        };
    }

    /// <summary>Reads the record once for each number. The first that is wrong ends it: the others would be wrong in the same way.</summary>
    private string? ReadGenerate(ZoneFileEntry entry)
    {
        if (ZoneGenerator.Create(entry, out var error) is not { } generator)
        {
            return error;
        }

        var words = new List<PresentationToken>();
        while (!IsTooLarge && generator.TryMake(words, out error))
        {
            if (ReadRecord(new ZoneFileEntry(entry.File, entry.Line, startsBlank: false, words)) is { } wrong)
            {
                return wrong;
            }
        }

        return error;
    }

    private string? ReadOrigin(ZoneFileEntry entry)
    {
        if (entry.Next() is not { } text || entry.HasMore)
        {
            return "$ORIGIN needs one name, as in '$ORIGIN home.arpa.'";
        }

        if (!DomainName.TryParse(text, _origin, out var origin, out var error))
        {
            return $"'{ZoneFileWords.Shorten(text)}': {error}";
        }

        _origin = origin;
        return null;
    }

    private string? ReadDefaultTtl(ZoneFileEntry entry)
    {
        if (entry.Next() is not { } text || entry.HasMore)
        {
            return "$TTL needs one time, as in '$TTL 1h'; " + ZoneFileWords.AllowedTtl;
        }

        if (!ZoneFileWords.TryReadTtl(text, out var ttl))
        {
            return $"'{ZoneFileWords.Shorten(text)}' is not a TTL; {ZoneFileWords.AllowedTtl}";
        }

        _defaultTtl = ttl;
        return null;
    }

    /// <summary>Reads another file in this place. Origin and owner are afterwards what they were before (RFC 1035 section 5.1).</summary>
    private string? ReadInclude(ZoneFileEntry entry)
    {
        if (entry.Next() is not { } name)
        {
            return "$INCLUDE needs a file, and may name an origin, as in '$INCLUDE hosts.inc lan.home.arpa.'";
        }

        var (origin, owner, isOwnerBroken) = (_origin, _owner, _isOwnerBroken);
        var included = _origin;
        if (entry.Next() is { } second && !DomainName.TryParse(second, _origin, out included, out var nameError))
        {
            return $"'{ZoneFileWords.Shorten(second)}': {nameError}";
        }

        if (entry.HasMore)
        {
            return "$INCLUDE takes a file and one origin, nothing more";
        }

        var octets = new List<byte>();
        if (!Escapes.TryDecode(name, octets) || octets.Contains(0))
        {
            return $"'{ZoneFileWords.Shorten(name)}' is not the name of a file";
        }

        name = Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(octets));
        if (folder is null)
        {
            return "$INCLUDE is not allowed here; only zone files in a folder may include others";
        }

        if (_open.Count > MaxDepth || _includes == MaxIncludes)
        {
            return $"$INCLUDE of '{ZoneFileWords.Shorten(name)}': files may include files {MaxDepth} deep and {MaxIncludes:N0} in all";
        }

        var stamp = FileStamp.Of(folder.PathOf(name));
        if (!folder.TryInclude(name, ZoneFolder.MaxBytes - _bytes, out var path, out var content, out var error))
        {
            return error;
        }

        var real = ZoneFolder.RealPath(path);
        if (_open.Contains(real))
        {
            return $"$INCLUDE of '{ZoneFileWords.Shorten(name)}' goes round in a circle: {string.Join(" includes ", _open.Reverse().SkipWhile(file => file != real).Append(real).Select(Path.GetFileName))}";
        }

        _includes++;
        Files.Add(stamp);
        _open.Push(real);
        _origin = included;
        ReadContent(path, content);
        _open.Pop();
        (_origin, _owner, _isOwnerBroken) = (origin, owner, isOwnerBroken);
        return null;
    }

    private string? ReadRecord(ZoneFileEntry entry)
    {
        if (!entry.StartsBlank && ReadOwner(entry) is { } ownerError)
        {
            return ownerError;
        }

        if (_owner is null || _isOwnerBroken)
        {
            return _isOwnerBroken ? null : "the line begins with white space, so it has the owner of the record before, and there is none";
        }

        if (ZoneFileWords.ReadTtlAndClass(entry, out var ttl) is { } error)
        {
            return error;
        }

        if (ZoneFileWords.ReadType(entry, out var type) is { } typeError)
        {
            return typeError;
        }

        return RdataText.TryParse(type, RecordClass.IN, entry.Rest, _origin, out var data, out var dataError)
            ? AddRecord(entry, type, ttl, data)
            : $"{type.ToText()}: {dataError}";
    }

    private string? ReadOwner(ZoneFileEntry entry)
    {
        _owner = null;
        _isOwnerBroken = true;
        if (entry.IsNextQuoted)
        {
            return "the owner is in quotes; names are written without";
        }

        var text = entry.Next()!;
        if (!DomainName.TryParse(text, _origin, out var name, out var error))
        {
            return $"owner '{ZoneFileWords.Shorten(text)}': {error}";
        }

        _owner = Lower(name);
        _isOwnerBroken = false;
        return null;
    }

    private string? AddRecord(ZoneFileEntry entry, RecordType type, uint? stated, byte[] data)
    {
        // RFC 2308 section 4, else RFC 1035's last stated TTL, else for a SOA that comes first its MINIMUM, as servers have always done.
        var ttl = stated ?? _defaultTtl ?? _lastTtl;
        if (ttl is null && type == RecordType.SOA && data.Length >= 4)
        {
            ttl = _defaultTtl = Math.Min(ZoneFileWords.MaxTtl, BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(data.Length - 4)));
        }

        if (ttl is null)
        {
            var isTold = _isTtlMissing;
            _isTtlMissing = true;
            return isTold ? null : "the record has no TTL and none came before; write '$TTL 1h' (or another time) above the records";
        }

        if (IsTooLarge = Records.Count >= maxRecords)
        {
            return TooManyRecords(maxRecords);
        }

        _lastTtl = ttl;
        var record = new ZoneRecord(_owner!, type, ttl.Value, data, entry.File, entry.Line);
        Memory += ZoneMemory.Of(record);
        if (IsTooLarge = Memory > maxMemory)
        {
            return ZoneMemory.Full(maxMemory);
        }

        Records.Add(record);
        return null;
    }

    private static byte[] Lower(DomainName name)
    {
        var lowered = new byte[name.Length];
        WireName.ToLower(name.Wire, lowered);
        return lowered;
    }
}
