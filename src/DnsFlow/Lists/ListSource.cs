namespace DnsFlow.Lists;

/// <summary>Where the entries of a list come from: a file or an address.</summary>
internal static class ListSource
{
    private const string Scheme = "https://";

    /// <summary>Whether a source is an address.</summary>
    public static bool IsAddress(string source) => source.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with a source; null = nothing.</summary>
    public static string? Check(string source) =>
        source.Length == 0 || source.Contains('\0', StringComparison.Ordinal) ? "a file is missing"
        : source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "lists are fetched by https only: what is fetched in the clear can be changed on its way"
        : IsAddress(source) ? CheckAddress(source)
        : source.Contains("://", StringComparison.Ordinal) ? "only files and https addresses are known"
        : null;

    /// <summary>Whether the host of an address has to be resolved.</summary>
    public static bool HasName(string source) => IsAddress(source) && Uri.TryCreate(source, UriKind.Absolute, out var address)
        && address.HostNameType is not (UriHostNameType.IPv4 or UriHostNameType.IPv6);

    private static string? CheckAddress(string source) =>
        !Uri.TryCreate(source, UriKind.Absolute, out var address) || address.Host.Length == 0 ? "it is not an address"
        : address.UserInfo.Length > 0 ? "a name and password do not belong into an address"
        : null;
}
