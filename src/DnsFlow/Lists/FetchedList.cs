namespace DnsFlow.Lists;

/// <summary>What came of fetching an address.</summary>
/// <param name="Path">The file with what was sent; null when nothing was.</param>
/// <param name="Version">Its version.</param>
/// <param name="Error">Why nothing was sent; null with a file, and when the copy is still right.</param>
internal sealed record FetchedList(string? Path, CopyVersion Version, string? Error)
{
    /// <summary>The copy is still right.</summary>
    public static FetchedList Unchanged { get; } = new(null, default, null);

    /// <summary>Nothing was sent.</summary>
    public static FetchedList Failed(string error) => new(null, default, error);
}
