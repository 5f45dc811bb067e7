namespace DnsFlow.Service.Endpoints;

/// <summary>Marks connections that came by the control socket: whoever may open that file may do everything.</summary>
internal sealed class ControlConnection
{
    /// <summary>The mark.</summary>
    public static ControlConnection Mark { get; } = new();

    /// <summary>Whether a request came by the control socket.</summary>
    public static bool Carries(HttpContext context) => context.Features.Get<ControlConnection>() is not null;
}
