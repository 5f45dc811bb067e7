using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>Which NSEC (RFC 4035 section 3.1.3) or NSEC3 records (RFC 5155 section 7.2) a response needs. Allocates nothing.</summary>
internal static class ZoneProofs
{
    /// <summary>That neither the name nor a wildcard for it exists.</summary>
    public static void AddNoName(ref ProofList proofs, in ZoneMatch match, ReadOnlySpan<byte> name, int apex)
    {
        var encloser = match.NodeOffset;
        AddNoCloserName(ref proofs, match, name, ref encloser, apex);
        Span<byte> wildcard = stackalloc byte[WireName.MaxLength + 2];
        var length = WriteWildcard(name[encloser..], wildcard);
        Add(ref proofs, match.Zone!.Denial!.Cover(wildcard[..length]), match, apex);
    }

    /// <summary>That the name exists without the type.</summary>
    public static void AddNoData(ref ProofList proofs, in ZoneMatch match, ReadOnlySpan<byte> name, int apex)
    {
        var denial = match.Zone!.Denial!;
        if (match.Kind == ZoneMatchKind.Wildcard)
        {
            var encloser = match.NodeOffset;
            AddNoCloserName(ref proofs, match, name, ref encloser, apex);
            Add(ref proofs, match.Node!.Proof, match, apex);
        }
        else if (match.Node!.Proof is { } own)
        {
            Add(ref proofs, own, match, apex);
        }
        else if (denial.IsHashed)
        {
            // A delegation without DS, or a name above such ones, that was opted out (RFC 5155 section 7.2.4).
            var encloser = match.NodeOffset;
            AddNoCloserName(ref proofs, match, name, ref encloser, apex);
        }
        else
        {
            Add(ref proofs, denial.Cover(name), match, apex);
        }
    }

    /// <summary>That the name does not exist, so that a wildcard stands for it.</summary>
    public static void AddWildcard(ref ProofList proofs, in ZoneMatch match, ReadOnlySpan<byte> name, int apex)
    {
        var denial = match.Zone!.Denial!;
        Add(ref proofs, denial.Cover(denial.IsHashed ? name[NextCloser(name, match.NodeOffset)..] : name), match, apex);
    }

    /// <summary>NSEC: that the name does not exist. NSEC3: the closest encloser that has a record, and that the name one label longer does not exist.</summary>
    private static void AddNoCloserName(ref ProofList proofs, in ZoneMatch match, ReadOnlySpan<byte> name, ref int encloser, int apex)
    {
        var zone = match.Zone!;
        if (!zone.Denial!.IsHashed)
        {
            Add(ref proofs, zone.Denial.Cover(name), match, apex);
            return;
        }

        // With opt-out the closest encloser may have no record of its own: then the next above that has.
        var provable = encloser;
        while (zone.Node(name[provable..])?.Proof is null && provable < match.ApexOffset)
        {
            provable += name[provable] + 1;
        }

        encloser = provable;
        Add(ref proofs, zone.Node(name[provable..])?.Proof, match, apex);
        if (provable > 0)
        {
            Add(ref proofs, zone.Denial.Cover(name[NextCloser(name, provable)..]), match, apex);
        }
    }

    /// <summary>Where the name that is one label longer than the one at <paramref name="encloser"/> begins.</summary>
    private static int NextCloser(ReadOnlySpan<byte> name, int encloser)
    {
        var position = 0;
        while (position + name[position] + 1 < encloser)
        {
            position += name[position] + 1;
        }

        return position;
    }

    private static int WriteWildcard(ReadOnlySpan<byte> name, Span<byte> wildcard)
    {
        wildcard[0] = 1;
        wildcard[1] = (byte)'*';
        name.CopyTo(wildcard[2..]);
        return name.Length + 2;
    }

    private static void Add(ref ProofList proofs, ZoneProof? proof, in ZoneMatch match, int apex) => proofs.Add(proof, match.Zone!.Apex.Length, apex);
}
