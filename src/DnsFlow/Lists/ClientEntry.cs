using DnsFlow.Flows;

namespace DnsFlow.Lists;

/// <summary>An entry that matches every query of some clients (<c>rpz-client-ip</c>).</summary>
/// <param name="Clients">The clients.</param>
/// <param name="PrefixLength">The length of their prefix: the longest decides.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Detail">What is answered.</param>
/// <param name="Place">Its source and line.</param>
/// <param name="Text">How it is written.</param>
internal sealed record ClientEntry(NetworkSet Clients, int PrefixLength, EntryFlags Flags, EntryDetail Detail, uint Place, string Text);
