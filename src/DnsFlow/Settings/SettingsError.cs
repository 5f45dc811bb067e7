namespace DnsFlow.Settings;

/// <summary>One thing that is wrong in the configuration.</summary>
/// <param name="Source">The file with the line, <c>environment</c> or <c>command line</c> it stands in; null when that is not known.</param>
/// <param name="Path">The path of the key, as in <c>DnsFlow:QueryRules:2:To</c>; empty when the message says where.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record SettingsError(string? Source, string Path, string Message)
{
    /// <summary>The error as one line: <c>appsettings.json:14: DnsFlow:QueryRules:2:To  'crop' is not an upstream group; did you mean 'corp'?</c></summary>
    public override string ToString() => Path.Length == 0 ? Message : Source is null ? $"{Path}  {Message}" : $"{Source}: {Path}  {Message}";
}
