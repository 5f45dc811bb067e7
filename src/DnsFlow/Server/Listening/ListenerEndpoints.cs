using DnsFlow.Flows;
using DnsFlow.Settings;

namespace DnsFlow.Server.Listening;

/// <summary>The addresses of all listeners, in the order of the configuration.</summary>
internal static class ListenerEndpoints
{
    /// <summary>
    /// All addresses; none when only the default listener is there. A listener's index is that of its name in <paramref name="names"/>, which has all of
    /// them.
    /// </summary>
    public static List<ListenerEndpoint> Of(ProxyOptions options, IReadOnlyList<string> names)
    {
        var endpoints = new List<ListenerEndpoint>();
        foreach (var (name, listener) in options.Listeners)
        {
            var index = IndexOf(names, name);
            foreach (var text in listener.Endpoints)
            {
                var isRequired = listener.Required;
                foreach (var endpoint in ListenText.Parse(text))
                {
                    endpoints.Add(new ListenerEndpoint(
                        index, name, FlowEndpoint.From(endpoint.Address, endpoint.Port), endpoint.HasUdp, endpoint.Scheme != "udp", isRequired,
                        endpoint.HasTls || endpoint.HasHttps ? endpoint.Scheme : "", endpoint.Path));
                    isRequired = false;     // the second one of localhost: a machine without IPv6 is fine
                }
            }
        }

        return endpoints;
    }

    /// <summary>The index of a name, letter case ignored; -1 when there is no such name.</summary>
    public static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
