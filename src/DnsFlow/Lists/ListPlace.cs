using System.Net;

namespace DnsFlow.Lists;

/// <summary>Where the lists of a plan are, and what bounds them.</summary>
/// <param name="Folder">The folder that files are relative to.</param>
/// <param name="Copies">The copies of fetched lists.</param>
/// <param name="MaxBytes">The most octets that all lists may take.</param>
/// <param name="Bootstrap">The servers that resolve the hosts of lists.</param>
internal sealed record ListPlace(string Folder, ListCopies Copies, long MaxBytes, IReadOnlyList<IPEndPoint> Bootstrap)
{
    /// <summary>A place without anything.</summary>
    public static ListPlace None { get; } = new("", new ListCopies(""), 0, []);
}
