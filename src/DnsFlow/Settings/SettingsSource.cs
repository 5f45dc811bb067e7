namespace DnsFlow.Settings;

/// <summary>Where a key stands.</summary>
/// <param name="Name">The file's name, <c>environment</c> or <c>command line</c>, for people.</param>
/// <param name="File">The whole path of the file; null when it is none.</param>
internal sealed record SettingsSource(string Name, string? File);
