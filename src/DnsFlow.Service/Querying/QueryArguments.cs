using System.Net;
using DnsFlow.Protocol;

namespace DnsFlow.Service.Querying;

/// <summary>What <c>dnsflow query</c> was asked: <c>NAME [TYPE] [@SERVER[:PORT]] [+tcp] [+dnssec] [+norecurse]</c>, in any order.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type; A when none was given.</param>
/// <param name="Server">Whom to ask; null = where the configuration says the proxy listens.</param>
/// <param name="OverTcp">Whether to ask over TCP at once.</param>
/// <param name="DnssecOk">Whether to set DO.</param>
/// <param name="Recursion">Whether to set RD.</param>
internal sealed record QueryArguments(DomainName Name, RecordType Type, IPEndPoint? Server, bool OverTcp, bool DnssecOk, bool Recursion)
{
    /// <summary>Reads the words; false, and why, when they make no sense.</summary>
    public static bool TryParse(IReadOnlyList<string> words, out QueryArguments? arguments, out string error)
    {
        (arguments, error) = (null, "");
        var read = new QueryArguments(DomainName.Root, RecordType.A, null, false, false, true);
        var plain = new List<string>();
        foreach (var word in words)
        {
            if (word.StartsWith('@'))
            {
                if (!ServerAddress.TryParse(word[1..], ServerAddress.DnsPort, out var server))
                {
                    error = $"'{word}' is not an address of the form @127.0.0.1, @127.0.0.1:1053 or @[::1]:1053";
                    return false;
                }

                read = read with { Server = server };
            }
            else if (word.StartsWith('+'))
            {
                if (!TryApply(word[1..], ref read))
                {
                    error = $"'{word}' is not known; there are +tcp, +dnssec and +norecurse";
                    return false;
                }
            }
            else
            {
                plain.Add(word);
            }
        }

        return TryName(plain, read, out arguments, out error);
    }

    private static bool TryApply(string word, ref QueryArguments read)
    {
        switch (word.ToLowerInvariant())
        {
            case "tcp":
                read = read with { OverTcp = true };
                return true;
            case "dnssec":
                read = read with { DnssecOk = true };
                return true;
            case "norecurse" or "norec":
                read = read with { Recursion = false };
                return true;
            default:
                return false;
        }
    }

    private static bool TryName(List<string> plain, QueryArguments read, out QueryArguments? arguments, out string error)
    {
        arguments = null;
        if (plain.Count is < 1 or > 2)
        {
            error = "one NAME is asked for, and one TYPE at most";
            return false;
        }

        var type = RecordType.A;
        if (plain.Count == 2 && !RecordTypes.TryParse(plain[1], out type))
        {
            error = $"'{plain[1]}' is not a record type; AAAA, MX or TYPE65280 are";
            return false;
        }

        if (!DomainName.TryParse(plain[0], out var name))
        {
            error = $"'{plain[0]}' is not a name";
            return false;
        }

        (arguments, error) = (read with { Name = name, Type = type }, "");
        return true;
    }
}
