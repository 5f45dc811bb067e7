using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

namespace DnsFlow.Service.Configuration;

/// <summary>
/// The state of files at one moment: two are equal when nothing has changed between them. Small files count by their content, so that a link that is
/// turned to another file (as Kubernetes does) counts as a change even when time and length are the same; large ones by time, length and what the links lead to.
/// </summary>
internal sealed class FileFingerprint : IEquatable<FileFingerprint>
{
    private const int MaxHashed = 1 << 20;

    private readonly ImmutableSortedDictionary<string, string> _states;

    private FileFingerprint(ImmutableSortedDictionary<string, string> states) => _states = states;

    /// <summary>The files' whole paths.</summary>
    public IEnumerable<string> Files => _states.Keys;

    /// <summary>The state of files now.</summary>
    public static FileFingerprint Of(IEnumerable<string> files)
        => new(files.Distinct().ToImmutableSortedDictionary(static file => file, StateOf, StringComparer.Ordinal));

    /// <summary>This and the state of more files now.</summary>
    public FileFingerprint With(IEnumerable<string> files) => new(_states.SetItems(Of(files)._states));

    /// <summary>The state of the same files now.</summary>
    public FileFingerprint Again() => Of(Files);

    /// <inheritdoc/>
    public bool Equals(FileFingerprint? other) => other is not null && _states.SequenceEqual(other._states);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FileFingerprint);

    /// <inheritdoc/>
    public override int GetHashCode() => _states.Count;

    private static string StateOf(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return string.Join('\n', Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal));
            }

            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return "";
            }

            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Length <= MaxHashed
                ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))
                : string.Create(CultureInfo.InvariantCulture, $"{target.FullName} {target.LastWriteTimeUtc.Ticks} {target.Length}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.GetType().Name;
        }
    }
}
