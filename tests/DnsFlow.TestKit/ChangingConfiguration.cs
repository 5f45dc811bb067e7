using System.Text;
using DnsFlow.Server;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.TestKit;

/// <summary>A configuration that a test changes between two loads.</summary>
internal sealed class ChangingConfiguration(string folder, string json) : IProxyConfigurationSource
{
    /// <summary>The whole document.</summary>
    public string Json { get; set; } = json;

    public ConfigurationInput Load()
    {
        try
        {
            var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Json))).Build();
            return new ConfigurationInput(root, root, folder, []);
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            return new ConfigurationInput(new ConfigurationBuilder().Build(), null, folder, [$"test.json: {exception.Message}"]);
        }
    }
}
