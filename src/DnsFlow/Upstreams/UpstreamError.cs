namespace DnsFlow.Upstreams;

/// <summary>Why an attempt brought no usable response. Expected failures are values, not exceptions.</summary>
public enum UpstreamError
{
    /// <summary>None: there is a response.</summary>
    None,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>No answer yet, and the group does not wait: another server is asked beside it (hedging).</summary>
    Slow,

    /// <summary>The server's port is closed (ICMP) or the connection was refused.</summary>
    Refused,

    /// <summary>No route, no descriptor, or another error of the network.</summary>
    Unreachable,

    /// <summary>The connection was closed or reset before the answer.</summary>
    ConnectionLost,

    /// <summary>The response was cut (TC) and has to be asked for over TCP.</summary>
    Truncated,

    /// <summary>SERVFAIL, REFUSED, FORMERR or NOTIMP: another server may know better.</summary>
    BadResponse,

    /// <summary>The server's certificate or key is not believed, or it does not speak TLS as it should.</summary>
    Untrusted,

    /// <summary>An HTTP response that is no DNS response: another status than 200, another type, too long.</summary>
    BadHttp,

    /// <summary>Twenty replies that did not match: somebody guesses; only TCP is believed for this question.</summary>
    Spoofed,

    /// <summary>Every server of the group is out of rotation.</summary>
    AllDown,

    /// <summary>The retry budget is spent.</summary>
    BudgetSpent,

    /// <summary>The question was given up: its clients are gone or it was answered otherwise.</summary>
    Abandoned,

    /// <summary>The upstream is one of our own listeners.</summary>
    Loop,

    /// <summary>So many questions are being retried that this one was not; counted.</summary>
    Shed,
}
