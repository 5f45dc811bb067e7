using System.Security.Cryptography;
using DnsFlow.Limits;

namespace DnsFlow.Caching;

/// <summary>
/// The cache on disk between a stop and the next start. The layout, little endian: the mark with its version, the wall-clock time in milliseconds, the
/// partitions (number, length, identity) behind their count, the entries (<see cref="SavedEntry"/>), and the SHA-256 of all that. Written beside and
/// renamed, for the owner's eyes only: it says what was asked.
/// </summary>
internal static class CacheFile
{
    /// <summary>What a file begins with; the last octet is the version.</summary>
    public static ReadOnlySpan<byte> Mark => "DnsFlow cache 1\n"u8;

    /// <summary>Octets before the partitions.</summary>
    public const int HeadSize = 16 + 8 + 4;

    private const int BufferSize = 1 << 16;

    /// <summary>Writes what the cache holds for the given partitions; returns how much. The cache's writers have ended. Throws <see cref="IOException"/> and the like.</summary>
    public static int Save(string path, ResponseCache cache, IReadOnlyDictionary<uint, string> partitions, MonotonicClock clock)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var beside = path + ".new";
        int count;
        using (var stream = new FileStream(beside, Options(FileMode.Create, FileAccess.Write)))
        {
            using var writer = new CacheFileWriter(stream, partitions, cache.Freshness, clock);
            cache.Walk(writer);
            count = writer.Finish();
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        return count;
    }

    /// <summary>
    /// Puts what a file holds into a cache that nobody uses yet, as much older as the time that went by since; what is over, or belongs to a partition that is
    /// not there any more, is left out. Returns how much came in, or null and why the file is of no use: then the cache holds what it held.
    /// </summary>
    public static int? Load(string path, ResponseCache cache, IReadOnlyDictionary<string, uint> partitions, MonotonicClock clock, long maxBytes, out string? problem)
    {
        using var stream = new FileStream(path, Options(FileMode.Open, FileAccess.Read));
        problem = Check(stream, maxBytes);
        return problem is null ? new CacheFileReader(stream, cache, partitions, clock).Read(out problem) : null;
    }

    private static FileStreamOptions Options(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.Read, BufferSize = BufferSize };
        if (mode == FileMode.Create && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>Whether the file is one of ours, whole and of a size a cache can have.</summary>
    private static string? Check(FileStream stream, long maxBytes)
    {
        if (stream.Length > maxBytes)
        {
            return $"it has {stream.Length} octets, more than the cache may hold";
        }

        Span<byte> mark = stackalloc byte[Mark.Length];
        if (stream.Length < HeadSize + SHA256.HashSizeInBytes || stream.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) < mark.Length || !mark[..^2].SequenceEqual(Mark[..^2]))
        {
            return "it is no saved cache";
        }

        if (!mark.SequenceEqual(Mark))
        {
            return "another version wrote it";
        }

        stream.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        for (var left = stream.Length - SHA256.HashSizeInBytes; left > 0;)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                return "it ends early";
            }

            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        var isWhole = stream.ReadAtLeast(expected, expected.Length, throwOnEndOfStream: false) == expected.Length && expected.SequenceEqual(hash.GetHashAndReset());
        stream.Position = 0;
        return isWhole ? null : "its checksum is wrong";
    }
}
