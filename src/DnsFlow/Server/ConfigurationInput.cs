using Microsoft.Extensions.Configuration;

namespace DnsFlow.Server;

/// <summary>A configuration as it was read, not judged yet.</summary>
/// <param name="Section">The section <c>DnsFlow</c>, or the root it is in.</param>
/// <param name="Root">The root of the section: with it a list in a later layer replaces the list of an earlier one, and errors name their file.</param>
/// <param name="BaseFolder">The folder that file names are relative to; its <c>zones</c> folder is served.</param>
/// <param name="Problems">Files that cannot be read, one line each; with any, nothing else is looked at.</param>
public sealed record ConfigurationInput(IConfiguration Section, IConfigurationRoot? Root, string BaseFolder, IReadOnlyList<string> Problems);
