using DnsFlow.Lists.Syntaxes;

namespace DnsFlow.Lists;

/// <summary>The syntaxes that are known, and which of them a file has.</summary>
internal static class ListSyntaxes
{
    private const int MaxSample = 1_000;

    /// <summary>All of them; where two are as likely, the first is taken.</summary>
    public static IReadOnlyList<IListSyntax> All { get; } = 
        [new AdBlockSyntax(), new HostsSyntax(), new DnsmasqSyntax(), new UnboundSyntax(), new RpzSyntax(), new DomainsSyntax()];

    /// <summary>Finds the syntax by the beginning of a file; null with the reason when it is no list.</summary>
    public static IListSyntax? Find(ReadOnlySpan<byte> sample, out string? problem)
    {
        problem = Judge(sample);
        if (problem is not null)
        {
            return null;
        }

        var weights = new int[All.Count];
        var lines = 0;
        foreach (var range in sample.Split((byte)'\n'))
        {
            var line = sample[range].Trim(" \t\r"u8);
            for (var i = 0; i < All.Count && !line.IsEmpty && line.Length <= ListLimits.MaxLine; i++)
            {
                weights[i] += All[i].Weigh(line);
            }

            if (++lines == MaxSample)
            {
                break;
            }
        }

        var best = weights.Max();
        problem = best > 0 ? null : "no line of its beginning is an entry of a list: none of " + string.Join(", ", All.Select(static syntax => syntax.Name));
        return best > 0 ? All[Array.IndexOf(weights, best)] : null;
    }

    private static string? Judge(ReadOnlySpan<byte> sample)
    {
        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || sample.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            || (sample.Length >= 4 && ((sample[1] == 0 && sample[3] == 0) || (sample[0] == 0 && sample[2] == 0))))
        {
            return "it is in UTF-16; a list is a text in ASCII or UTF-8";
        }

        if (sample.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return "it is compressed; a list is a text in ASCII or UTF-8";
        }

        if (sample.IndexOf((byte)0) is >= 0 and var nul)
        {
            return $"line {sample[..nul].Count((byte)'\n') + 1} has a NUL octet; a list is a text in ASCII or UTF-8";
        }

        var text = sample.TrimStart(" \t\r\n"u8);
        return text.StartsWith("<"u8) ? "it is a web page, not a list" : null;
    }
}
