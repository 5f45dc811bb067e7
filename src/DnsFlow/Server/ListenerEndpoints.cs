using DnsFlow.Flows;
using DnsFlow.Settings;

namespace DnsFlow.Server;

/// <summary>The addresses of all listeners, in the order of the configuration.</summary>
internal static class ListenerEndpoints
{
    /// <summary>All addresses; none when only the default listener is there. The names stand at their listeners' indexes.</summary>
    public static List<ListenerEndpoint> Of(ProxyOptions options, out IReadOnlyList<string> names)
    {
        names = [.. options.Listeners.Keys];
        var endpoints = new List<ListenerEndpoint>();
        for (var i = 0; i < names.Count; i++)
        {
            var listener = options.Listeners[names[i]];
            foreach (var text in listener.Endpoints)
            {
                if (EndpointText.TryParse(text, out var endpoint, out _))
                {
                    endpoints.Add(new ListenerEndpoint(
                        i, names[i], FlowEndpoint.From(endpoint.Address, endpoint.Port), endpoint.HasUdp, endpoint.HasTcp, listener.Required));
                }
            }
        }

        return endpoints;
    }
}
