namespace DnsFlow.Service.Control;

/// <summary>Writes the query string of a request.</summary>
internal static class QueryText
{
    /// <summary>The words that have a value, with the question mark; empty when none has.</summary>
    public static string Of(params ReadOnlySpan<(string Key, string? Value)> words)
    {
        var text = "";
        foreach (var (key, value) in words)
        {
            text += value is null ? "" : $"{(text.Length == 0 ? '?' : '&')}{key}={Uri.EscapeDataString(value)}";
        }

        return text;
    }
}
