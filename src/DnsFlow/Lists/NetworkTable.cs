using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Lists;

/// <summary>
/// Numbered networks of one address family, asked for the smallest one that an address lies in: the addresses at which something changes, and one binary search.
/// Immutable; allocates nothing when asked.
/// </summary>
internal sealed class NetworkTable
{
    private readonly UInt128[] _starts;
    private readonly int[] _numbers;

    /// <summary>Makes a table; of equal networks the first counts.</summary>
    public NetworkTable(IEnumerable<(IPNetwork Network, int Number)> networks)
    {
        var (starts, numbers) = (new List<UInt128>(), new List<int>());
        var open = new Stack<(UInt128 Last, int Number)>();
        foreach (var (first, last, number) in networks.Select(static one => Range(one.Network, one.Number)).DistinctBy(static one => (one.First, one.Last))
            .OrderBy(static one => one.First).ThenByDescending(static one => one.Last))
        {
            Close(first);
            Begin(first, number);
            open.Push((last, number));
        }

        Close(UInt128.MaxValue);
        (_starts, _numbers) = ([.. starts], [.. numbers]);

        // Networks lie inside of each other or apart, so what ends goes back to what it lay in.
        void Close(UInt128 next)
        {
            while (open.TryPeek(out var inner) && inner.Last < next)
            {
                open.Pop();
                Begin(inner.Last + 1, open.TryPeek(out var outer) ? outer.Number : -1);
            }
        }

        void Begin(UInt128 start, int number)
        {
            if (starts.Count > 0 && starts[^1] == start)
            {
                numbers[^1] = number;
                return;
            }

            starts.Add(start);
            numbers.Add(number);
        }
    }

    /// <summary>The number of the smallest network that has the address; -1 = none.</summary>
    public int Find(in FlowEndpoint address)
    {
        var index = Array.BinarySearch(_starts, new UInt128(address.High, address.Low));
        index = index >= 0 ? index : ~index - 1;
        return index < 0 ? -1 : _numbers[index];
    }

    private static (UInt128 First, UInt128 Last, int Number) Range(IPNetwork network, int number)
    {
        var address = FlowEndpoint.From(network.BaseAddress, 0);
        var (high, low) = NetworkSet.Mask(network.PrefixLength + (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 96 : 0));
        var mask = new UInt128(high, low);
        var first = new UInt128(address.High, address.Low) & mask;
        return (first, first | ~mask, number);
    }
}
