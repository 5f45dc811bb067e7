namespace DnsFlow.Tests.Repository;

/// <summary>What a rule of the house found.</summary>
internal static class Findings
{
    /// <summary>Fails with the whole list, one a line, unless it is empty.</summary>
    public static void AssertNone<T>(IEnumerable<T> findings)
    {
        var lines = findings.Select(finding => $"{finding}").ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines));
    }
}
