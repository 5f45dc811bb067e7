using System.Text.Json;
using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>A whole configuration that somebody sent, to be judged.</summary>
internal sealed class PostedConfiguration(byte[] document, string folder) : IProxyConfigurationSource
{
    /// <inheritdoc/>
    public ConfigurationInput Load()
    {
        try
        {
            var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(document)).Build();
            return new ConfigurationInput(root, root, folder, []);
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or JsonException)
        {
            return new ConfigurationInput(new ConfigurationBuilder().Build(), null, folder, [$"the document is not JSON: {exception.Message.ReplaceLineEndings(" ")}"]);
        }
    }
}
