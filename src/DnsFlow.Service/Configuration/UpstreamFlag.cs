namespace DnsFlow.Service.Configuration;

/// <summary>One <c>-u</c>: a server, or <c>[/name/name/]server</c> for these names and all below.</summary>
/// <param name="Server">The server as written.</param>
/// <param name="Domains">The names; empty = all.</param>
internal sealed record UpstreamFlag(string Server, IReadOnlyList<string> Domains)
{
    /// <summary>Splits the text of a flag.</summary>
    public static bool TryParse(string text, out UpstreamFlag flag, out string problem)
    {
        (flag, problem) = (new UpstreamFlag(text, []), "");
        if (!text.StartsWith("[/", StringComparison.Ordinal))
        {
            return true;
        }

        var end = text.IndexOf("/]", 2, StringComparison.Ordinal);
        if (end < 0)
        {
            problem = "the names end with '/]', as in '[/corp.example/]10.20.0.53'";
            return false;
        }

        var domains = text[2..end].Split('/', StringSplitOptions.TrimEntries);
        var server = text[(end + 2)..].Trim();
        flag = new UpstreamFlag(server, domains);
        problem = server.Length == 0 ? "a server follows the names, as in '[/corp.example/]10.20.0.53'"
            : domains.Contains("") ? "an empty name stands between two '/'" : "";
        return problem.Length == 0;
    }
}
