using System.Text.RegularExpressions;

namespace DnsFlow.Tests.Repository;

/// <summary>One type a file, and the file has its name: what one looks for is where one looks.</summary>
public partial class FileShapeTests
{
    /// <summary>Files with several types, and why that reads better.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["src/DnsFlow/Limits/LimitOptions.cs"] = "one section of the configuration with its parts",
        ["src/DnsFlow/Shards/PendingSlot.cs"] = "a slot and the states only it has",
    };

    [Fact]
    public void ProductFiles_HaveTheNameOfTheirType()
    {
        // Foo.Part.cs is a part of Foo; a file without types has top level statements or attributes.
        var wrong = SourceTree.Product
            .Select(file => (file.Path, Name: Path.GetFileName(file.Path).Split('.')[0], Types: AllTypes(file)))
            .Where(file => file.Types.Count > 0 && !file.Types.Any(type => type.Name == file.Name));
        Findings.AssertNone(wrong.Select(file => $"{file.Path}: has {string.Join(", ", file.Types.Select(type => type.Name))}"));
    }

    [Fact]
    public void ProductFiles_HaveOneType()
    {
        // A record that is one line long may stand beside the type it belongs to, and Foo<T> beside Foo.
        var wrong = SourceTree.Product
            .Where(file => !Allowed.ContainsKey(file.Path))
            .Select(file => (file.Path, Types: LongTypes(file)))
            .Where(file => file.Types.Count > 1);
        Findings.AssertNone(wrong.Select(file => $"{file.Path}: has {string.Join(", ", file.Types)}"));
    }

    [Fact]
    public void EveryException_IsNeeded()
    {
        var stale = SourceTree.Product.Where(file => Allowed.ContainsKey(file.Path) && LongTypes(file).Count < 2);
        Findings.AssertNone(stale);
    }

    private static List<string> LongTypes(SourceFile file) =>
        [.. AllTypes(file).Where(type => !type.IsOneLine).Select(type => type.Name).Distinct()];

    private static List<(string Name, bool IsOneLine)> AllTypes(SourceFile file) =>
    [
        .. TopLevelTypes().Matches(file.Code).Select(match => (match.Groups["name"].Value, match.Groups["end"].Value.TrimEnd().EndsWith(';'))),
    ];

    // Namespaces are file-scoped, so what stands at the margin is a top-level type.
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe)\s+)*(?:class|struct|interface|enum|delegate\s+[\w<>\[\]?]+|record(?:\s+(?:class|struct))?)\s+(?<name>\w+)(?<end>[^\n]*)",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelTypes();
}
