namespace DnsFlow.Lists;

/// <summary>One list (<c>DnsFlow:Lists:NAME</c>).</summary>
public sealed class ListOptions
{
    /// <summary>Files and <c>https://</c> addresses, in any syntax; at least one.</summary>
    public IReadOnlyList<string> Sources { get; set; } = [];

    /// <summary>Files and addresses with the names that the list never matches.</summary>
    public IReadOnlyList<string> Except { get; set; } = [];

    /// <summary>How often sources are read again; 0 = only on demand. Default 1 day.</summary>
    public TimeSpan Refresh { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The most entries; a list with more is refused. Default 2,000,000.</summary>
    public int MaxEntries { get; set; } = 2_000_000;

    /// <summary>Whether a name that stands alone on its line covers what is below it. Default false.</summary>
    public bool Subdomains { get; set; }
}
