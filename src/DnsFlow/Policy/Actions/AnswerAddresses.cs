using System.Buffers.Binary;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Queries;

namespace DnsFlow.Policy.Actions;

/// <summary>Looks at the addresses in a response.</summary>
internal static class AnswerAddresses
{
    /// <summary>Whether an address in the answer section is among <paramref name="addresses"/>: A, AAAA, the hints of HTTPS and SVCB, at the end of CNAME records too.</summary>
    public static bool AnyIn(ReadOnlySpan<byte> response, ClientSet addresses)
    {
        for (var records = new AnswerSection(response); records.MoveNext();)
        {
            for (var rest = records.Addresses(isIPv6: false); rest.Length >= 4; rest = rest[4..])
            {
                if (addresses.Contains(FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(rest), 0)))
                {
                    return true;
                }
            }

            for (var rest = records.Addresses(isIPv6: true); rest.Length >= 16; rest = rest[16..])
            {
                if (addresses.Contains(FlowEndpoint.FromIPv6(rest[..16], 0, 0)))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
