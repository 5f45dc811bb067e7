namespace DnsFlow.Zones;

/// <summary>
/// The canonical order of names (RFC 4034 section 6.1) as octets that compare like the names do: the labels from the root on, each ended by 0, with 0 and 1
/// in labels written as 1 1 and 1 2.
/// </summary>
internal static class CanonicalOrder
{
    /// <summary>The most octets a name takes.</summary>
    public const int MaxLength = 512;

    /// <summary>Writes a name that is in wire form and lower case; returns the octets written.</summary>
    public static int Write(ReadOnlySpan<byte> name, Span<byte> key)
    {
        Span<byte> starts = stackalloc byte[128];
        var labels = 0;
        for (var position = 0; name[position] != 0; position += name[position] + 1)
        {
            starts[labels++] = (byte)position;
        }

        var written = 0;
        while (labels-- > 0)
        {
            foreach (var octet in name.Slice(starts[labels] + 1, name[starts[labels]]))
            {
                if (octet < 2)
                {
                    key[written++] = 1;
                }

                key[written++] = octet < 2 ? (byte)(octet + 1) : octet;
            }

            key[written++] = 0;
        }

        return written;
    }
}
