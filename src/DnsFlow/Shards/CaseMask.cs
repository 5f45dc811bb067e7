using DnsFlow.Protocol;

namespace DnsFlow.Shards;

/// <summary>
/// Random letter case of a name (draft-vixie-dnsext-dns0x20): a bit for each letter that somebody who guesses has to know. The bits come of a seed, so that the
/// name can be made once more when the reply is here.
/// </summary>
internal static class CaseMask
{
    /// <summary>Gives each letter of a name in wire form the case that the seed says.</summary>
    public static void Apply(Span<byte> name, ulong seed)
    {
        var (bits, left) = (0UL, 0);
        for (var i = 0; i < name.Length && name[i] != 0;)
        {
            for (var end = i + 1 + name[i++]; i < end && i < name.Length; i++)
            {
                if ((uint)((name[i] | 0x20) - 'a') > 'z' - 'a')
                {
                    continue;
                }

                if (left == 0)
                {
                    (bits, left) = (seed = WireName.Mix(seed, (ulong)i), 64);
                }

                name[i] = (byte)((name[i] & ~0x20) | (int)(bits & 1) << 5);
                bits >>= 1;
                left--;
            }
        }
    }
}
