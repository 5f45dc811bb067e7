using DnsFlow.Limits;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Transports.Tls;

/// <summary>Says in the log why handshakes fail. One line every ten seconds: who scans addresses makes thousands of them. Thread safe.</summary>
internal sealed partial class HandshakeFaults(TimeProvider time, ILogger logger)
{
    private readonly LogPace _pace = new(time);

    /// <summary>A handshake failed.</summary>
    public void Report(string problem)
    {
        if (_pace.TryTake())
        {
            Log.Failed(logger, problem);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(532, LogLevel.Information, "A TLS handshake failed (said at most every ten seconds): {Problem}")]
        public static partial void Failed(ILogger logger, string problem);
    }
}
