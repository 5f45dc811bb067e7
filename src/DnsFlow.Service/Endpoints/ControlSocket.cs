using System.Net.Sockets;

namespace DnsFlow.Service.Endpoints;

/// <summary>
/// The control socket: a Unix socket that only its owner may open, and so the way to change a running proxy. It is bound and closed to others before
/// anybody can connect, and its file goes with it.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    /// <summary>The most octets of its path (108 with the NUL behind it on Linux).</summary>
    public const int MaxPath = 107;

    /// <summary>Its name in a folder for running programs.</summary>
    public const string FileName = "control.sock";

    private readonly FileStream _claim;

    private ControlSocket(string path, FileStream claim) => (Path, _claim) = (path, claim);

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>
    /// Where it is when nothing is configured, best first: the folder systemd made for the service, the one of the system, the one of the user's session.
    /// </summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="systemFolder">The system's folder for this program; null = there is none.</param>
    public static IEnumerable<string> Places(Func<string, string?> variable, string? systemFolder)
    {
        if (variable("RUNTIME_DIRECTORY") is { Length: > 0 } given)
        {
            yield return System.IO.Path.Combine(given.Split(':')[0], FileName);
        }

        if (systemFolder is not null)
        {
            yield return System.IO.Path.Combine(systemFolder, FileName);
        }

        if (variable("XDG_RUNTIME_DIR") is { Length: > 0 } session)
        {
            yield return System.IO.Path.Combine(session, "dnsflow", FileName);
        }
    }

    /// <summary>
    /// Sees to it that the HTTP server can bind it: makes the folder, takes over a file that nobody listens on any more, and tries. Null with the reason when it cannot be.
    /// </summary>
    public static ControlSocket? TryTake(string path, out string? error)
    {
        FileStream? claim = null;
        try
        {
            MakeFolder(System.IO.Path.GetDirectoryName(path)!);
            claim = TryClaim(path);
            if (claim is null || IsServed(path))
            {
                claim?.Dispose();
                error = $"{path} is in use by another program";
                return null;
            }

            File.Delete(path);
            using var trial = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            trial.Bind(new UnixDomainSocketEndPoint(path));
            File.Delete(path);
            error = null;
            return new ControlSocket(path, claim);
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            claim?.Dispose();
            error = $"{path} cannot be made: {exception.Message.ReplaceLineEndings(" ")}";
            return null;
        }
    }

    /// <summary>Whether somebody listens there.</summary>
    public static bool IsServed(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.ConnectionRefused;      // not ours to ask: leave it alone
        }
    }

    /// <summary>The server has bound it: from now on it is for its owner only. Before, nobody else may connect either unless the process has an open umask.</summary>
    public void Protect()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start finds that nobody listens on it, and takes it over.
        }

        _claim.Dispose();
    }

    /// <summary>
    /// Locks a file beside it, which stays: between our trial and the server's bind another program that starts would find it free. Null = another has it.
    /// </summary>
    private static FileStream? TryClaim(string path)
    {
        var file = path + ".lock";
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }

    private static void MakeFolder(string folder)
    {
        if (!Directory.Exists(folder) && !OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
