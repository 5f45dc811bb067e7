namespace DnsFlow.Protocol.Rdata;

/// <summary>Numbers of up to eight octets in network order.</summary>
internal static class BigEndian
{
    public static ulong Read(ReadOnlySpan<byte> octets)
    {
        ulong number = 0;
        foreach (var octet in octets)
        {
            number = (number << 8) | octet;
        }

        return number;
    }

    public static void Append(List<byte> output, ulong number, int size)
    {
        for (var shift = 8 * (size - 1); shift >= 0; shift -= 8)
        {
            output.Add((byte)(number >> shift));
        }
    }
}
