using DnsFlow.Server;
using DnsFlow.Service.Commands;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DnsFlow.Tests.Service;

/// <summary>Runs the program in this process, in a folder of its own, over a fake server.</summary>
internal sealed class ServiceRun : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public FakeProxyServer Server { get; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("dnsflow-test-").FullName;

    public string ProgramFolder { get; } = Directory.CreateTempSubdirectory("dnsflow-test-").FullName;

    public Dictionary<string, string?> Variables { get; } = [];

    public bool UsesEnvironmentSettings { get; set; }

    public string Out => _out.ToString();

    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    public ProgramContext Context => new()
    {
        Out = _out,
        Error = TextWriter.Synchronized(_error),
        CurrentFolder = Folder,
        ProgramFolder = ProgramFolder,
        Variable = name => Variables.GetValueOrDefault(name),
        UsesEnvironmentSettings = UsesEnvironmentSettings,
        ConfigureServices = services => services.Replace(ServiceDescriptor.Singleton<IProxyServer>(Server)),
    };

    public ServiceRun With(string file, string text)
    {
        File.WriteAllText(Path.Combine(Folder, file), text);
        return this;
    }

    public Task<int> RunAsync(params string[] arguments) => DnsFlowProgram.RunAsync(arguments, Context);

    public Task<int> RunAsync(CancellationToken stop, params string[] arguments) => DnsFlowProgram.RunAsync(arguments, Context, stop);

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(ProgramFolder, recursive: true);
    }
}
