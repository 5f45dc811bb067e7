namespace DnsFlow.Upstreams;

/// <summary>Who is asked first. Groups name a strategy by its <see cref="Name"/>; to add one, write a class and list it in <see cref="UpstreamStrategies"/>.</summary>
internal interface IUpstreamStrategy
{
    /// <summary>The name in the configuration.</summary>
    string Name { get; }

    /// <summary>
    /// The index of the server at which the search for a usable one begins; it goes on in the order of the list and round its end.
    /// <paramref name="servers"/> is not empty. Called for every question, from any thread; must not allocate.
    /// </summary>
    int Begin(ReadOnlySpan<Upstream> servers);
}
