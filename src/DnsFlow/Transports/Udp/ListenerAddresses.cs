using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp;

/// <summary>
/// The addresses one network listens on, and by how many sockets. The first socket of an address must bind it alone, so that a second
/// program on the same port is refused and does not silently take half of the flows (as SO_REUSEPORT allows). Thread safe.
/// </summary>
internal sealed class ListenerAddresses
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FlowEndpoint, int> _sockets = [];

    /// <summary>
    /// Binds a socket by <paramref name="bind"/>, which is told whether the address is held by an earlier socket and returns the bound address.
    /// One bind at a time.
    /// </summary>
    public FlowEndpoint Bind(FlowEndpoint address, Func<bool, FlowEndpoint> bind)
    {
        lock (_lock)
        {
            var bound = bind(_sockets.ContainsKey(address));
            _sockets[bound] = _sockets.GetValueOrDefault(bound) + 1;
            return bound;
        }
    }

    /// <summary>Forgets one socket of the address.</summary>
    public void Release(FlowEndpoint address)
    {
        lock (_lock)
        {
            var left = _sockets.GetValueOrDefault(address) - 1;
            if (left > 0)
            {
                _sockets[address] = left;
            }
            else
            {
                _sockets.Remove(address);
            }
        }
    }

    /// <summary>Whether a socket of an IPv4 address holds <paramref name="port"/>. To be asked inside of <see cref="Bind"/>'s callback.</summary>
    public bool HoldsIPv4(ushort port)
    {
        foreach (var address in _sockets.Keys)
        {
            if (address.IsIPv4 && address.Port == port)
            {
                return true;
            }
        }

        return false;
    }
}
