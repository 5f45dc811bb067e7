using System.Net.Quic;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

namespace DnsFlow.Transports.Quic;

/// <summary>
/// Whether QUIC can be spoken here, and if not, why. Looks when it is asked for the first time, and not before: looking loads a native library.
/// </summary>
/// <param name="look">Says what is missing, for people, to be put behind "needs QUIC: "; null when nothing is.</param>
/// <param name="hasHttp3">Whether the program can speak HTTP/3 over it: trimmed ones cannot unless they were built so (<c>Http3Support</c>).</param>
internal sealed class QuicSupport(Func<string?> look, Func<bool> hasHttp3)
{
    private readonly Lazy<string?> _problem = new(look);

    /// <summary>What this process has.</summary>
    public static QuicSupport OfThisSystem { get; } = new(Look, HasHttp3);

    /// <summary>What is missing for HTTP/3, for people; null when it can be spoken.</summary>
    public string? Http3Problem => Problem ?? (hasHttp3() ? null : "the program was built without HTTP/3 (Http3Support); use quic://, tls:// or https://");

    /// <summary>What is missing, for people; null when QUIC can be spoken.</summary>
    public string? Problem => _problem.Value;

    /// <summary>Whether .NET has QUIC for this operating system at all.</summary>
    [SupportedOSPlatformGuard("linux")]
    [SupportedOSPlatformGuard("macos")]
    [SupportedOSPlatformGuard("windows")]
    internal static bool IsKnownHere => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows();

    // Machine code has none unless it was asked for; everything else has it unless it was switched off.
    private static bool HasHttp3()
        => AppContext.TryGetSwitch("System.Net.SocketsHttpHandler.Http3Support", out var isOn) ? isOn : RuntimeFeature.IsDynamicCodeSupported;

    private static string? Look()
        => !IsKnownHere ? ".NET has none for this operating system; use tls:// or https://"
            : QuicConnection.IsSupported ? null
            : OperatingSystem.IsWindows() ? "QuicConnection.IsSupported is false, because this Windows has no TLS 1.3 (Windows 11 and Server 2022 have); use tls:// or https://"
            : "QuicConnection.IsSupported is false, because the library libmsquic (version 2) is not installed or cannot be loaded; install the package libmsquic of Microsoft, or use tls:// or https://";
}
