using System.Reflection;
using System.Runtime.InteropServices;

namespace DnsFlow.Service.Commands;

/// <summary>The version of the program.</summary>
internal static class ProgramVersion
{
    /// <summary>The version alone, such as <c>0.1.0</c>.</summary>
    public static string Short { get; } =
        (typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    /// <summary>The version and what the program runs on.</summary>
    public static string Long => $"dnsflow {Short} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})";
}
