namespace DnsFlow.Transports.Https;

/// <summary>Who decides about the requests of one client's connection, which come in parallel.</summary>
internal interface IHttpsClient
{
    /// <summary>Whether this connection has had its share: it is then told to make a new one.</summary>
    bool IsUsedUp { get; }

    /// <summary>Decides about one message.</summary>
    ValueTask<HttpsAnswer> AnswerAsync(ReadOnlySpan<byte> message);

    /// <summary>A request carried no query.</summary>
    void RequestRefused();

    /// <summary>The handshake was refused for want of room, or failed.</summary>
    void HandshakeFailed(bool isCrowded);

    /// <summary>The client is gone.</summary>
    void End();
}
