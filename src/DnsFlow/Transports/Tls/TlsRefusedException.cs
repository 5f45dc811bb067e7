using System.ComponentModel;
using System.Security.Authentication;

namespace DnsFlow.Transports.Tls;

/// <summary>A server is not believed, or does not speak TLS as it should. The message is the reason, for people.</summary>
internal sealed class TlsRefusedException : IOException
{
    /// <summary>Makes the exception.</summary>
    public TlsRefusedException(string message, bool isUntrusted, Exception? inner = null)
        : base(message, inner) => IsUntrusted = isUntrusted;

    /// <summary>Whether its certificate or key is the reason, else the protocol.</summary>
    public bool IsUntrusted { get; }

    /// <summary>What a handshake that failed says of the server: the reason that <paramref name="check"/> found, or that of TLS.</summary>
    public static TlsRefusedException From(TlsCertificateCheck check, AuthenticationException exception) => check.Problem is { } problem
        ? new TlsRefusedException(problem, isUntrusted: true, exception)
        : new TlsRefusedException($"TLS failed: {Innermost(exception)}", isUntrusted: false, exception);

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception is Win32Exception or AuthenticationException or IOException || exception.Message.Length < 200 ? exception.Message : exception.GetType().Name;
    }
}
