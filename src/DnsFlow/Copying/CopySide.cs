namespace DnsFlow.Copying;

/// <summary>Who ended the copying of a flow.</summary>
public enum CopySide
{
    /// <summary>The client: it ended, broke, or did not take its responses.</summary>
    Client,

    /// <summary>The remote side.</summary>
    Remote,

    /// <summary>The proxy: its provider stops, or something in it failed.</summary>
    Proxy,
}
