namespace DnsFlow.Queries;

/// <summary>DNS cookies for clients (<c>DnsFlow:Cookies</c>, RFC 7873).</summary>
public sealed class CookieOptions
{
    /// <summary>Whether clients that use cookies get ours. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// A file of mode 0600 with the secrets, 32 hexadecimal digits a line: the first makes cookies, all are accepted. Servers behind one address share it.
    /// Null = one of our own, another one each day.
    /// </summary>
    public string? SecretFile { get; set; }

    /// <summary>When a client that uses cookies needs a good one. Default <see cref="CookieDemand.OverLimit"/>.</summary>
    public CookieDemand Demand { get; set; } = CookieDemand.OverLimit;
}
