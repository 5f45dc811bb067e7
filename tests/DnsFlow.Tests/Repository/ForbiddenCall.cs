using System.Text.RegularExpressions;

namespace DnsFlow.Tests.Repository;

/// <summary>Something the product does not do.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Pattern">How it looks.</param>
/// <param name="Instead">What one does instead.</param>
/// <param name="SeesComments">Whether a comment in its place makes it right.</param>
public sealed record ForbiddenCall(string Name, Regex Pattern, string Instead, bool SeesComments)
{
    public static ForbiddenCall Of(string name, string pattern, string instead, bool seesComments = false) =>
        new(name, new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline), instead, seesComments);

    /// <summary>Where a file has it.</summary>
    public IEnumerable<int> Lines(SourceFile file) =>
        Pattern.Matches(Seen(file)).Select(match => Seen(file).AsSpan(0, match.Index).Count('\n') + 1);

    public override string ToString() => Name;

    private string Seen(SourceFile file) => SeesComments ? file.Text : file.Code;
}
