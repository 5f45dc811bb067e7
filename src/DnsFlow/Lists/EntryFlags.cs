namespace DnsFlow.Lists;

/// <summary>What is said of an entry in its first octet; the two lowest bits are its <see cref="Names.NameScope"/>.</summary>
[Flags]
internal enum EntryFlags : byte
{
    /// <summary>It blocks.</summary>
    None = 0,

    /// <summary>The bits of the scope.</summary>
    ScopeMask = 3,

    /// <summary>The number of an <see cref="EntryDetail"/> follows the line.</summary>
    HasDetail = 4,

    /// <summary>Among entries of this kind the one with the longest name decides, as in dnsmasq, unbound and policy zones.</summary>
    LongestWins = 8,

    /// <summary>The list does not match the name.</summary>
    Exception = 16,

    /// <summary>It wins over entries without this flag.</summary>
    Important = 32,

    /// <summary>It stands in a list of exceptions (<c>Except</c>) and wins over everything.</summary>
    Always = 64,

    /// <summary>Another line cancelled it (<c>$badfilter</c>).</summary>
    Cancelled = 128,
}
