using System.Security.Cryptography;
using System.Text;

namespace DnsFlow.Lists;

/// <summary>
/// The last good copies of fetched lists in a folder: one file for each address, and beside it what the server said of its version. Files are written under
/// another name and then renamed, so that there is always a whole one.
/// </summary>
internal sealed class ListCopies(string folder)
{
    /// <summary>The file of an address.</summary>
    public string PathOf(string address) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)))[..32] + ".list");

    /// <summary>The version of the copy; nothing when there is no whole copy.</summary>
    public CopyVersion VersionOf(string address)
    {
        try
        {
            var lines = File.Exists(PathOf(address)) && File.Exists(VersionPath(address)) ? File.ReadAllLines(VersionPath(address)) : [];
            return lines is [var written, var tag, var modified] && written == address
                ? new CopyVersion(tag.Length == 0 ? null : tag, modified.Length == 0 ? null : modified)
                : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;     // asked without conditions, the server sends all of it
        }
    }

    /// <summary>Makes a file to write to, in the folder of the copies. Throws <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>.</summary>
    public FileStream Create()
    {
        Directory.CreateDirectory(folder);
        return new FileStream(Path.Combine(folder, $"{Guid.NewGuid():N}.part"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 64 << 10);
    }

    /// <summary>Makes a file the copy of an address.</summary>
    public void Keep(string address, string path, CopyVersion version)
    {
        // Without its version a copy is only fetched once more; with a wrong one it would never be.
        File.Delete(VersionPath(address));
        File.Move(path, PathOf(address), overwrite: true);
        var part = VersionPath(address) + ".part";
        File.WriteAllLines(part, [address, version.Tag ?? "", version.Modified ?? ""]);
        File.Move(part, VersionPath(address), overwrite: true);
    }

    /// <summary>Puts a copy aside that cannot be read.</summary>
    public void SetAside(string address)
    {
        try
        {
            File.Delete(VersionPath(address));
            File.Move(PathOf(address), PathOf(address) + ".bad", overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It stays where it is, and is told again the next time.
            return;
        }
    }

    private string VersionPath(string address) => PathOf(address) + ".version";
}
