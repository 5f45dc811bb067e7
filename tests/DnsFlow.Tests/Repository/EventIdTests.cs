using System.Text.RegularExpressions;

namespace DnsFlow.Tests.Repository;

/// <summary>A log line is known by its event id, so no two have the same.</summary>
public partial class EventIdTests
{
    [Fact]
    public void LoggerMessages_HaveUniqueIds()
    {
        var shared = SourceTree.Product
            .SelectMany(file => Messages().Matches(file.Code).Select(match => (Id: match.Groups[1].Value, file.Path)))
            .GroupBy(message => message.Id)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(message => message.Path))}");
        Findings.AssertNone(shared);
    }

    [Fact]
    public void LoggerMessages_AllHaveAnId()
    {
        var without = SourceTree.Product.Where(file => Attributes().Count(file.Code) != Messages().Count(file.Code));
        Findings.AssertNone(without);
    }

    [GeneratedRegex(@"\bLoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex Messages();

    [GeneratedRegex(@"\[LoggerMessage\b")]
    private static partial Regex Attributes();
}
