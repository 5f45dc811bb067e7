using System.Diagnostics.CodeAnalysis;

namespace DnsFlow.Protocol;

/// <summary>The fields of an SRV record (RFC 2782).</summary>
/// <param name="Priority">Lower is tried first.</param>
/// <param name="Weight">The share among targets of the same priority.</param>
/// <param name="Port">The service's port.</param>
/// <param name="Target">The host; the root means that the service is not offered.</param>
public sealed record ServiceLocation(ushort Priority, ushort Weight, ushort Port, DomainName Target)
{
    /// <summary>Reads an SRV record; false for any other.</summary>
    public static bool TryRead(ResourceRecord record, [NotNullWhen(true)] out ServiceLocation? location)
    {
        ArgumentNullException.ThrowIfNull(record);
        location = null;
        if (!record.TryOpen(RecordType.SRV, out var reader)
            || !reader.TryTakeUInt16(out var priority) || !reader.TryTakeUInt16(out var weight)
            || !reader.TryTakeUInt16(out var port) || !reader.TryTakeName(out var target))
        {
            return false;
        }

        location = new(priority, weight, port, target);
        return true;
    }
}
