using System.Net.Sockets;
using DnsFlow.Server;
using DnsFlow.Server.Listening;
using DnsFlow.Service.Logging;
using DnsFlow.Service.Reloading;
using DnsFlow.Service.Systemd;
using Microsoft.AspNetCore.Connections;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow run</c>: runs the proxy until a signal comes.</summary>
internal static class RunCommand
{
    /// <summary>Runs and returns the exit code.</summary>
    public static async Task<int> RunAsync(StartSettings settings, ProgramContext context, CancellationToken cancellationToken)
    {
        var start = CheckedStart.Check(settings, context);
        if (start.Errors.Count > 0)
        {
            CheckCommand.Report(start.AllErrors(), context.Error, settings.Verbosity);
            return ExitCode.Configuration;
        }

        if (!InheritedSockets.TryTake(out var inherited, out var broken))
        {
            await context.Error.WriteLineAsync("dnsflow: " + broken);
            return ExitCode.Configuration;
        }

        using var lines = new LineWriter(context.Error);
        using var sockets = ControlSockets.Open(start, context, out var unbound);
        if (unbound is not null)
        {
            await context.Error.WriteLineAsync(unbound);
            return ExitCode.Unavailable;
        }

        using var host = ProgramHost.Build(start, settings, context, inherited, lines, sockets.All);
        if (await StartAsync(host, start, settings, sockets, context, cancellationToken) is { } failed)
        {
            return failed;
        }

        sockets.Protect();
        return await WaitAsync(host, start, context, cancellationToken);
    }

    private static async Task<int?> StartAsync(
        IHost host, CheckedStart start, StartSettings settings, ControlSockets sockets, ProgramContext context, CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (ServerStartException exception) when (exception.Failure == ServerStartFailure.Configuration)
        {
            CheckCommand.Report(exception.Message.Split('\n'), context.Error, settings.Verbosity);
            return ExitCode.Configuration;
        }
        catch (ServerStartException exception)
        {
            await context.Error.WriteLineAsync(exception.Message);
            return exception.Failure == ServerStartFailure.NoPermission ? ExitCode.NoPermission : ExitCode.Unavailable;
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await context.Error.WriteLineAsync($"The statistics cannot be served: {exception.Message} '--stats URL' chooses another address, '--stats off' none.");
            await host.StopAsync(CancellationToken.None);
            return ExitCode.Unavailable;
        }
        catch (SocketException exception)
        {
            await context.Error.WriteLineAsync($"The statistics cannot be served: {exception.Message}");
            await host.StopAsync(CancellationToken.None);
            return exception.SocketErrorCode == SocketError.AccessDenied ? ExitCode.NoPermission : ExitCode.Unavailable;
        }

        if (settings.Verbosity != Verbosity.Quiet)
        {
            StartReport.Write(context.Error, host.Services.GetRequiredService<IProxyServer>().Describe(), HostAddresses.Of(host, start), sockets.Paths);
        }

        return null;
    }

    private static async Task<int> WaitAsync(IHost host, CheckedStart start, ProgramContext context, CancellationToken cancellationToken)
    {
        var notifier = host.Services.GetRequiredService<Notifier>();
        var probe = new SelfProbe(host.Services.GetRequiredService<IProxyServer>());
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var stopping = lifetime.ApplicationStopping.Register(() => notifier.Send(Notifier.Stopping));
        var reloads = host.Services.GetRequiredService<Reloader>();
        await using var triggers = new ReloadTriggers(reloads, start.WatchesFiles ? start.Layers : null, context.Time);
        notifier.Send(Notifier.Ready);
        await using var watchdog = Watchdog.Start(context.Variable, Environment.ProcessId, notifier, probe.AnswersAsync, context.Time);
        await host.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Good;
    }
}
