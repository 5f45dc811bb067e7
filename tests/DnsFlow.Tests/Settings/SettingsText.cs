using System.Text;
using DnsFlow.Settings;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Settings;

/// <summary>Configurations written as text, one layer a string.</summary>
internal static class SettingsText
{
    public static IConfigurationRoot Layers(params string[] layers)
    {
        var builder = new ConfigurationBuilder();
        foreach (var layer in layers)
        {
            builder.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(layer)));
        }

        return builder.Build();
    }

    public static SettingsErrors Read<T>(SettingsShape<T> shape, T target, params string[] layers)
    {
        var errors = new SettingsErrors();
        SettingsReader.Open(Layers(layers), errors).Read(shape, target);
        return errors;
    }
}
