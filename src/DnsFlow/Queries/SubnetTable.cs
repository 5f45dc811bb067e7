using System.Collections.Concurrent;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// Gives each network that a group is asked for a partition of its own, so that an answer for one network never reaches another, in the cache as among the
/// questions in flight (RFC 7871 section 7.3.1: scopes are taken to be as long as what was asked; shorter ones are not made use of). Bounded: at the bound
/// all are forgotten, and numbers are never used again. Any thread.
/// </summary>
internal sealed class SubnetTable
{
    /// <summary>The most networks known at a time.</summary>
    public const int Capacity = 16_384;

    private const uint Mark = 0x8000_0000;

    private readonly ConcurrentDictionary<(uint Group, SubnetOption Subnet), uint> _numbers = new();
    private readonly Entry?[] _entries = new Entry?[Capacity];
    private readonly Lock _adding = new();
    private uint _last;

    /// <summary>Whether a partition is that of a network.</summary>
    public static bool IsNetwork(uint partition) => (partition & Mark) != 0;

    /// <summary>The partition of a network that a group is asked for.</summary>
    public uint PartitionOf(uint group, in SubnetOption subnet) => _numbers.TryGetValue((group, subnet), out var partition) ? partition : Add((group, subnet));

    /// <summary>The network of a partition; false when it is a group's own, or was forgotten.</summary>
    public bool TryGet(uint partition, out SubnetOption subnet)
    {
        subnet = default;
        if ((partition & Mark) == 0 || Volatile.Read(ref _entries[partition % Capacity]) is not { } entry || entry.Partition != partition)
        {
            return false;
        }

        subnet = entry.Subnet;
        return true;
    }

    /// <summary>Appends the network of a partition to the OPT record at the end of a message; returns the new length.</summary>
    public int Append(uint partition, bool isResponse, Span<byte> message, int length)
    {
        if (!TryGet(partition, out var subnet) || length + SubnetOption.MaxSize > message.Length || OptRecord.FindLast(message[..length]) is not (>= 0 and var opt))
        {
            return length;
        }

        subnet.Write(OptRecord.Add(message, opt, ref length, EdnsOptionCode.ClientSubnet, subnet.Size), scope: isResponse ? subnet.Prefix : (byte)0);
        return length;
    }

    /// <summary>Whether a reply is about the network that was asked for (RFC 7871 section 7.3); one that names none is.</summary>
    public bool Accepts(uint partition, ReadOnlySpan<byte> reply)
        => !TryGet(partition, out var asked) || !OptRecord.TryFindInResponse(reply, EdnsOptionCode.ClientSubnet, out var data)
            || (SubnetOption.TryRead(data, out var subnet) && subnet == asked);

    private uint Add((uint Group, SubnetOption Subnet) key)
    {
        lock (_adding)
        {
            if (_numbers.TryGetValue(key, out var partition))
            {
                return partition;
            }

            if (_numbers.Count >= Capacity)
            {
                _numbers.Clear();
            }

            partition = Mark | (_last = (_last + 1) & ~Mark);
            Volatile.Write(ref _entries[partition % Capacity], new Entry(partition, key.Subnet));
            _numbers[key] = partition;
            return partition;
        }
    }

    private sealed record Entry(uint Partition, SubnetOption Subnet);
}
