using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>Writes a referral: the servers of a delegation, what says whether it is signed, and the addresses (RFC 1034 section 4.3.2 step 3b, RFC 4035 section 3.1.4).</summary>
internal static class ZoneReferral
{
    /// <summary>Writes it behind the answer section; <paramref name="owner"/> is where in the response the name that was looked for stands.</summary>
    public static void Write(ref ZoneAnswer answer, in ZoneMatch match, scoped ReadOnlySpan<byte> name, int owner)
    {
        var cut = match.Node!;
        var position = owner + match.NodeOffset;
        var servers = answer.Position;
        answer.AppendAuthority(cut.Find(RecordType.NS)!, position);
        var end = answer.Position;
        if (answer.WithProofs && match.Zone!.Denial is not null)
        {
            WriteSecurity(ref answer, match, name, position, owner + match.ApexOffset);
        }

        while (servers < end && !answer.IsTruncated)
        {
            var length = ZoneRRset.LengthOfFirst(answer.Written[servers..end]);
            WriteAddresses(ref answer, match, servers + ZoneRRset.FixedLength, length - ZoneRRset.FixedLength, name[match.NodeOffset..]);
            servers += length;
        }
    }

    /// <summary>The DS records, or that there are none.</summary>
    private static void WriteSecurity(ref ZoneAnswer answer, in ZoneMatch match, scoped ReadOnlySpan<byte> name, int owner, int apex)
    {
        if (match.Node!.Find(RecordType.DS) is { } signer)
        {
            answer.AppendAuthority(signer, owner);
        }
        else
        {
            var proofs = default(ProofList);
            var cut = match with { Kind = ZoneMatchKind.Node, NodeOffset = 0, ApexOffset = match.ApexOffset - match.NodeOffset };
            ZoneProofs.AddNoData(ref proofs, cut, name[match.NodeOffset..], apex);
            for (var i = 0; i < proofs.Count; i++)
            {
                answer.AppendProof(proofs[i], proofs.ApexLength(i), apex);
            }
        }
    }

    /// <summary>The addresses of a server. Those of one below the delegation must be in the referral (RFC 9471); the others may be left out.</summary>
    private static void WriteAddresses(ref ZoneAnswer answer, in ZoneMatch match, int position, int length, scoped ReadOnlySpan<byte> cut)
    {
        Span<byte> server = stackalloc byte[WireName.MaxLength];
        server = server[..length];
        WireName.ToLower(answer.Written.Slice(position, length), server);
        if (!WireName.IsAtOrBelow(server, match.Zone!.Apex))
        {
            return;
        }

        var glue = match.Zone.Glue.Find(server);
        var node = match.Zone.Node(server);
        if (!(answer.TryAppendAdditional(glue?.Addresses4 ?? node?.Find(RecordType.A), position)
            & answer.TryAppendAdditional(glue?.Addresses6 ?? node?.Find(RecordType.AAAA), position))
            && WireName.IsAtOrBelow(server, cut))
        {
            answer.Truncate();
        }
    }
}
