using DnsFlow.Limits;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Transports.Tls;

/// <summary>Says in the log why handshakes fail. One line every ten seconds: who scans addresses makes thousands of them. Thread safe.</summary>
internal sealed partial class HandshakeFaults(TimeProvider time, ILogger logger)
{
    private readonly LogPace _pace = new(time);

    /// <summary>A handshake failed, for this reason; null means that it was not done in its time.</summary>
    public void Report(Exception? reason)
    {
        if (_pace.TryTake())
        {
            Log.Failed(logger, reason is null ? "It was not done in its time." : Describe(reason.GetBaseException()));
        }
    }

    // In words, as far as we know what a client means. Nothing of it is text of the client's: libraries say it, as "error:0A000418:SSL routines::tlsv1 alert unknown ca".
    private static string Describe(Exception exception)
    {
        var said = exception.Message[(exception.Message.LastIndexOf(':') + 1)..].Trim();
        var alert = said.IndexOf(" alert ", StringComparison.Ordinal);
        return exception is TransportException || said.Contains("EOF", StringComparison.Ordinal) || said.Contains("ZERO_RETURN", StringComparison.Ordinal)
                ? "The client closed the connection; some do when they do not believe the certificate."
            : alert < 0 ? $"{said.TrimEnd('.')}."
            : said.EndsWith("unknown ca", StringComparison.Ordinal) || said.Contains("certificate", StringComparison.Ordinal)
                ? $"The client does not believe the certificate (alert '{said[(alert + " alert ".Length)..]}')."
            : $"The client refuses (alert '{said[(alert + " alert ".Length)..]}').";
    }

    private static partial class Log
    {
        [LoggerMessage(532, LogLevel.Information, "A TLS handshake failed (said at most every ten seconds): {Problem}")]
        public static partial void Failed(ILogger logger, string problem);
    }
}
