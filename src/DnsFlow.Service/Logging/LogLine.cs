using System.Globalization;
using System.Text;

namespace DnsFlow.Service.Logging;

/// <summary>
/// The form of a log line. What came from the network may stand in it, so control characters are written as <c>\DDD</c>, an event is one
/// line, and a line has at most <see cref="MaxLength"/> characters.
/// </summary>
internal static class LogLine
{
    /// <summary>The longest line in characters.</summary>
    public const int MaxLength = 512;

    /// <summary>Makes a line. Without a <paramref name="time"/> it begins with the priority that the journal reads.</summary>
    public static string Format(DateTimeOffset? time, LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder(128);
        if (time is { } moment)
        {
            line.Append(moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)).Append(' ').Append(Name(level)).Append(' ');
        }
        else
        {
            line.Append('<').Append(Priority(level)).Append('>');
        }

        AppendSafe(line, category);
        line.Append(": ");
        AppendSafe(line, message);
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            line.Append(" <- ").Append(cause.GetType().Name).Append(": ");
            AppendSafe(line, cause.Message);
        }

        AppendPlace(line, exception);
        return line.ToString();
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private static char Priority(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => '7',
        LogLevel.Information => '6',
        LogLevel.Warning => '4',
        LogLevel.Error => '3',
        _ => '2',
    };

    // Where a fault was thrown tells more than its text; the rest of the stack does not fit a line.
    private static void AppendPlace(StringBuilder line, Exception? exception)
    {
        if (exception?.StackTrace?.TrimStart().Split('\n')[0] is { } place)
        {
            line.Append(' ');
            AppendSafe(line, place.TrimEnd());
        }
    }

    private static void AppendSafe(StringBuilder line, string text)
    {
        foreach (var character in text)
        {
            if (line.Length >= MaxLength - 4)
            {
                line.Append("...");
                line.Length = Math.Min(line.Length, MaxLength);
                return;
            }

            if (char.IsControl(character) || character is '\u2028' or '\u2029')
            {
                line.Append('\\').Append(((int)character % 1000).ToString("000", CultureInfo.InvariantCulture));
            }
            else
            {
                line.Append(character);
            }
        }
    }
}
