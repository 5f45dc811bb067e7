namespace DnsFlow.Transports.Tls;

/// <summary>What tells that a file was changed, or that a link to it leads elsewhere.</summary>
internal readonly record struct FileState(DateTime WrittenAt, long Length)
{
    /// <summary>The state of a file; that of none when it cannot be looked at.</summary>
    public static FileState Of(string path)
    {
        try
        {
            // A link has a time of its own, which stays when a link above it is turned, as Kubernetes does with a secret.
            var file = new FileInfo(path);
            file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            return file.Exists ? new FileState(file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;     // whoever reads it then says what is wrong
        }
    }
}
