using System.Net;

namespace DnsFlow.Lists;

/// <summary>An entry that matches what upstreams answer: an address in the answer (<c>rpz-ip</c>), or the name of a server of the zone (<c>rpz-nsdname</c>).</summary>
/// <param name="Network">Where the address lies; means nothing with a <paramref name="Server"/>.</param>
/// <param name="Server">The server's name in wire form and lower case; null = it is about addresses.</param>
/// <param name="IsBelow">Whether servers below the name are meant, and not the name.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Detail">What is answered.</param>
/// <param name="Place">Its source and line.</param>
/// <param name="Text">How it is written.</param>
internal sealed record AnswerEntry(IPNetwork Network, byte[]? Server, bool IsBelow, EntryFlags Flags, EntryDetail Detail, uint Place, string Text)
{
    /// <summary>About how many octets one takes, its share of the tables included.</summary>
    public const int Size = 500;
}
