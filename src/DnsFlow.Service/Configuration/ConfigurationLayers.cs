using System.Text.Json;
using DnsFlow.Service.Commands;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;

namespace DnsFlow.Service.Configuration;

/// <summary>
/// Puts the layers together, later ones win: appsettings.json, appsettings.ENVIRONMENT.json, the file of <c>--config</c>, the
/// environment, the flags.
/// </summary>
internal static class ConfigurationLayers
{
    /// <summary>The section of the proxy.</summary>
    public const string SectionName = "DnsFlow";

    private const string DefaultFile = "appsettings.json";

    /// <summary>The files of the layers, later ones win; the last is required when it is the one of <c>--config</c>, the others may be missing.</summary>
    public static IReadOnlyList<string> Files(StartSettings settings, ProgramContext context)
    {
        // A file in the current folder is the one a person sees; the one beside the program is the default.
        var defaults = File.Exists(Path.Combine(context.CurrentFolder, DefaultFile)) ? context.CurrentFolder : context.ProgramFolder;
        var environment = context.Variable("DOTNET_ENVIRONMENT") ?? context.Variable("ASPNETCORE_ENVIRONMENT") ?? "Production";
        string[] files = [Path.Combine(defaults, DefaultFile), Path.Combine(defaults, $"appsettings.{environment}.json")];
        return settings.ConfigFile is { } named ? [.. files, Path.GetFullPath(named, context.CurrentFolder)] : files;
    }

    /// <summary>Reads all layers.</summary>
    public static LoadedConfiguration Load(StartSettings settings, ProgramContext context)
    {
        var problems = new List<string>();
        var files = Files(settings, context);
        var baseFolder = Path.GetDirectoryName(settings.ConfigFile is null ? files[0] : files[^1]) ?? context.CurrentFolder;
        var builder = new ConfigurationManager();
        for (var i = 0; i < files.Count; i++)
        {
            if (i >= 2 || File.Exists(files[i]))
            {
                AddFile(builder, files[i], problems);
            }
        }

        if (context.UsesEnvironmentSettings)
        {
            builder.Sources.Add(new OwnEnvironmentSource());
        }

        AddFlags(builder, settings, problems);
        return new LoadedConfiguration(builder, baseFolder, problems);
    }

    private static void AddFile(ConfigurationManager builder, string path, List<string> problems)
    {
        if (!File.Exists(path))
        {
            problems.Add($"{path}: there is no such file");
            return;
        }

        // A provider of our own: the default one does not see files whose name begins with a dot.
        var folder = new PhysicalFileProvider(Path.GetDirectoryName(path)!, ExclusionFilters.None);
        try
        {
            builder.Sources.Add(new JsonConfigurationSource { FileProvider = folder, Path = Path.GetFileName(path), Optional = false, ReloadOnChange = false });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            problems.Add(Describe(path, exception));
        }
    }

    private static string Describe(string path, Exception exception)
    {
        var innermost = exception;
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is JsonException { LineNumber: { } line } json)
            {
                var message = json.Message.Split(" LineNumber:")[0].ReplaceLineEndings(" ");
                return $"{path}:{line + 1}: this is not JSON: {message}";
            }

            innermost = inner;
        }

        return $"{path}: {innermost.Message.ReplaceLineEndings(" ")}";
    }

    private static void AddFlags(ConfigurationManager builder, StartSettings settings, List<string> problems)
    {
        var flags = FlagLayer.Build(settings, new RuleReader(builder), problems);

        // Listeners of the files must go, not merge with those of the flags: an empty value in a layer of its own removes the object below.
        if (settings.Listen.Count > 0)
        {
            builder.Sources.Add(new CommandLineConfigurationSource { Args = [$"{SectionName}:Listeners="] });
        }

        if (flags.Count > 0)
        {
            builder.Sources.Add(new CommandLineConfigurationSource { Args = flags.Select(flag => $"{flag.Key}={flag.Value}") });
        }
    }
}
