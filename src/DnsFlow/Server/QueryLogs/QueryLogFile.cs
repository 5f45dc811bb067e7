using System.Globalization;

namespace DnsFlow.Server.QueryLogs;

/// <summary>
/// Appends lines of the query log to a file, which is opened for each block: when somebody moves it away, the next block begins a new one. At its bound it becomes
/// <c>.1</c>, what was that <c>.2</c>, and so on; the oldest goes.
/// </summary>
internal sealed class QueryLogFile(string path, long maxBytes, int files) : IQueryLogSink
{
    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> lines)
    {
        try
        {
            if (File.Exists(path) && new FileInfo(path).Length + lines.Length > maxBytes)
            {
                Rotate();
            }

            using var file = Open(path);
            file.Write(lines);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Last(int max) => [];

    private void Rotate()
    {
        File.Delete(Numbered(files));
        for (var number = files - 1; number > 0; number--)
        {
            if (File.Exists(Numbered(number)))
            {
                File.Move(Numbered(number), Numbered(number + 1));
            }
        }

        File.Move(path, Numbered(1));
    }

    private string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
