namespace DnsFlow.Service.Configuration;

/// <summary>The layer of the environment.</summary>
internal sealed class OwnEnvironmentSource : IConfigurationSource
{
    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new OwnEnvironmentProvider();
}
