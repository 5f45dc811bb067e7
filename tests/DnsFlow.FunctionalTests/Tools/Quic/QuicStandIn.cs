using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DnsFlow.FunctionalTests.Tools.Quic;

/// <summary>
/// Gives this process, and none that it starts, a <c>libmsquic</c> where the system has none: a stand-in of the folder <c>StandIn</c>, without packets and without cryptography
/// (its <c>standin.h</c> says what it is). A library of the system is left alone.
/// </summary>
internal static class QuicStandIn
{
    // What System.Net.Quic looks for, in its order.
    private static readonly string[] s_names = ["libmsquic.so.2", "libmsquic.so"];

    /// <summary>Why there is none, for people; null when there is one.</summary>
    public static string? Problem { get; private set; }

    /// <summary>
    /// Comes before anything that asks whether QUIC is supported, for the answer is kept. Loaded from its path, the library is found by its own name from then on: the dynamic
    /// linker compares what is asked for with the names (DT_SONAME) of what it has loaded before it searches.
    /// </summary>
    [SuppressMessage("Usage", "CA2255", Justification = "A test project has no other place that comes before all tests.")]
    [ModuleInitializer]
    internal static void Provide()
    {
        if (!OperatingSystem.IsLinux() || s_names.Any(static name => NativeLibrary.TryLoad(name, out _)))
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("dnsflow-quic").FullName;
        try
        {
            var library = Path.Combine(folder, s_names[0]);
            Problem = Build(library) ?? Load(library);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);      // what is loaded stays
        }
    }

    // On this thread alone: another one that came to code of this assembly would wait for the end of the initializer.
    private static string? Build(string library)
    {
        if (ToolProcess.Find("cc") is not { } compiler)
        {
            return "not installed: libmsquic, and cc to build a stand-in for it";
        }

        var sources = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Tools", "Quic", "StandIn"), "*.c");
        string[] options = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread", $"-Wl,-soname,{s_names[0]}", "-o", library];
        using var process = Process.Start(new ProcessStartInfo(compiler, [.. options, .. sources, "-ldl"]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"cc cannot build the stand-in for libmsquic (does it have the headers of the C library?):\n{errors}";
    }

    private static string? Load(string library)
    {
        try
        {
            NativeLibrary.Load(library);
            return null;
        }
        catch (DllNotFoundException exception)
        {
            return $"the stand-in for libmsquic cannot be loaded: {exception.Message}";
        }
    }
}
