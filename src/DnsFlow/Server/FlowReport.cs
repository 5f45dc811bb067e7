namespace DnsFlow.Server;

/// <summary>A flow that has not ended, for people.</summary>
/// <param name="Id">Its id, in hexadecimal; no other flow of this process has or had it.</param>
/// <param name="Client">The client's address and port; its network or <c>-</c> as <c>Stats:Privacy</c> wants it.</param>
/// <param name="Asked">The address and port that the client addressed.</param>
/// <param name="Listener">The listener's name.</param>
/// <param name="Transport"><c>udp</c>, <c>tcp</c>, <c>tls</c> or <c>https</c>.</param>
/// <param name="State">Where it is in its life: <c>closed</c> (no verdict yet), <c>opening</c>, <c>open</c>, <c>closing</c>, or <c>ended</c>: discarded, and remembered for as long.</param>
/// <param name="Verdict">The verdict; null before there is one.</param>
/// <param name="Rule">The flow rule that gives the verdict by the configuration in force.</param>
/// <param name="AgeSeconds">Seconds since its first datagram, or since it was accepted.</param>
/// <param name="IdleSeconds">Seconds since something last went either way; null when nobody here copies it.</param>
/// <param name="InFlight">Queries whose response is still to come.</param>
/// <param name="QueuedBytes">Octets of responses that the client of a stream has not taken yet.</param>
/// <param name="LastCode">The RCODE of the last response; null = there was none.</param>
/// <param name="LastOutcome">How the query of the last response was counted; null = there was none.</param>
/// <param name="Process">The process of this machine that asks, <c>1234/firefox</c>; null = it is not on this machine, has ended or may not be looked at.</param>
public sealed record FlowReport(
    string Id, string Client, string Asked, string Listener, string Transport, string State, string? Verdict, string Rule, long AgeSeconds, long? IdleSeconds, int InFlight,
    int QueuedBytes = 0, string? LastCode = null, string? LastOutcome = null, string? Process = null);
