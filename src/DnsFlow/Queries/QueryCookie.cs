namespace DnsFlow.Queries;

/// <summary>The cookie of a query, as far as its response needs it.</summary>
/// <param name="State">What it proves.</param>
/// <param name="Client">The client's part, as it lies in the message.</param>
/// <param name="Time">The time of the server's part of the response, in seconds since 1970, as RFC 9018 counts them.</param>
internal readonly record struct QueryCookie(CookieState State, ulong Client, uint Time)
{
    /// <summary>The octets of the option in a response: head, client's part, server's part.</summary>
    public const int OptionSize = 4 + 8 + 16;

    /// <summary>Whether the response has a cookie.</summary>
    public bool IsPresent => State >= CookieState.Unproved;
}
