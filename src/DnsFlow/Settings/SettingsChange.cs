namespace DnsFlow.Settings;

/// <summary>One difference between two configurations.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Subject">The object it happened to: <c>QueryRules 'ads'</c>, <c>Cache</c>; or the key of a value of its own: <c>Shards</c>.</param>
/// <param name="Key">The key in that object, with those between: <c>When:Types</c>; empty when the whole object came or went.</param>
/// <param name="Before">What was there; null = nothing, the default.</param>
/// <param name="After">What is there; null = nothing, the default.</param>
/// <param name="NeedsRestart">Whether it takes effect at the next start only.</param>
public sealed record SettingsChange(SettingsChangeKind Kind, string Subject, string Key, string? Before, string? After, bool NeedsRestart)
{
    private const int SubjectWidth = 24;
    private const int MaxText = 120;

    /// <summary>The change as one line: <c>~ QueryRules 'ads'       NotClients [builds] -> []</c></summary>
    public override string ToString()
    {
        var what = Kind switch
        {
            SettingsChangeKind.Added => Short(After),
            SettingsChangeKind.Removed => Short(Before),
            SettingsChangeKind.Moved => $"place {Before} -> {After}",
            _ => $"{(Key.Length == 0 ? "" : Key + " ")}{Short(Before)} -> {Short(After)}",
        };
        return $"{Sign} {Subject.PadRight(SubjectWidth)} {what}{(NeedsRestart ? "   (at the next start)" : "")}";
    }

    private char Sign => Kind switch
    {
        SettingsChangeKind.Added => '+',
        SettingsChangeKind.Removed => '-',
        SettingsChangeKind.Moved => '>',
        _ => '~',
    };

    private static string Short(string? text) => text is null ? "default" : text.Length <= MaxText ? text : text[..(MaxText - 3)] + "...";
}
