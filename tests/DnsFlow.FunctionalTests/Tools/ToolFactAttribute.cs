namespace DnsFlow.FunctionalTests.Tools;

/// <summary>
/// A test that needs programs of the system. Where one is missing the test is skipped, unless DNSFLOW_REQUIRE_TOOLS is set, as CI does:
/// then it runs and fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools)
    {
        var missing = tools.Where(tool => ToolProcess.Find(tool) is null).ToArray();
        if (missing.Length > 0 && !IsRequired)
        {
            Skip = $"not installed: {string.Join(", ", missing)}";
        }
    }

    internal static bool IsRequired => Environment.GetEnvironmentVariable("DNSFLOW_REQUIRE_TOOLS") is { Length: > 0 };
}
