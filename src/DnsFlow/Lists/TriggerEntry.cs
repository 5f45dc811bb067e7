using System.Net;

namespace DnsFlow.Lists;

/// <summary>
/// An entry that matches by something else than the name asked: the client (<c>rpz-client-ip</c>), an address in the answer (<c>rpz-ip</c>), or the name of a server of the
/// zone (<c>rpz-nsdname</c>).
/// </summary>
/// <param name="Network">Where the address lies; means nothing with a <paramref name="Server"/>.</param>
/// <param name="Server">The server's name in wire form and lower case; null = it is about addresses.</param>
/// <param name="IsBelow">Whether servers below the name are meant, and not the name.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Detail">What is answered.</param>
/// <param name="Place">The source and line that it began with.</param>
/// <param name="Trigger">The trigger, as it is written there.</param>
internal sealed record TriggerEntry(IPNetwork Network, byte[]? Server, bool IsBelow, EntryFlags Flags, EntryDetail Detail, uint Place, string Trigger)
{
    /// <summary>About how many octets one takes, its share of the tables included.</summary>
    public const int Size = 400;

    /// <summary>Whether it wins over everything else that the list says.</summary>
    public bool IsAlways => (Flags & EntryFlags.Always) != 0;

    /// <summary>How it is written.</summary>
    public string Text => (Flags & EntryFlags.Always) != 0 ? $"@@{Trigger}" : $"{Trigger} {Detail.Text}";
}
