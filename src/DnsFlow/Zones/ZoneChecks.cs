using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>What must hold for a zone as a whole; the checks of the usual zone checkers that keep a zone from being answered wrongly.</summary>
internal static class ZoneChecks
{
    /// <summary>Runs all checks.</summary>
    public static void Check(ZoneBuilder zone, ZoneErrors errors, string file)
    {
        CheckApex(zone, errors, file);
        foreach (var owner in InFileOrder(zone))
        {
            CheckOwner(zone, owner, errors);
        }
    }

    private static IEnumerable<ZoneOwner> InFileOrder(ZoneBuilder zone) =>
        zone.Owners.OrderBy(owner => owner.Records[0].File, StringComparer.Ordinal).ThenBy(owner => owner.Records[0].Line);

    private static void CheckApex(ZoneBuilder zone, ZoneErrors errors, string file)
    {
        var apex = zone.Find(zone.Apex);
        var name = NameText.Print(zone.Apex);
        if (apex is null || !apex.Has(RecordType.SOA))
        {
            errors.Add(file, 0, $"zone '{name}' has no SOA record; exactly one is needed, owned by '{name}'");
        }

        if (apex is null || !apex.Has(RecordType.NS))
        {
            errors.Add(file, 0, $"zone '{name}' has no NS record at its apex; one or more are needed, for example '@ NS ns'");
        }
    }

    private static void CheckOwner(ZoneBuilder zone, ZoneOwner owner, ZoneErrors errors)
    {
        var isApex = owner.Name.Length == zone.Apex.Length;
        ZoneRecord? alias = null, soa = null, redirection = null;
        foreach (var record in owner.Records)
        {
            switch (record.Type)
            {
                case RecordType.SOA when !isApex:
                    errors.Add(record, $"SOA at '{NameText.Print(owner.Name)}': it may stand only at the apex, '{NameText.Print(zone.Apex)}'");
                    break;
                case RecordType.SOA:
                    CheckSingle(ref soa, record, errors);
                    break;
                case RecordType.CNAME:
                    CheckSingle(ref alias, record, errors);
                    break;
                case RecordType.DNAME:
                    CheckSingle(ref redirection, record, errors);
                    break;
                case RecordType.DS when isApex:
                    errors.Add(record, "DS at the apex: it belongs into the zone above (RFC 4035 section 3.1.4.1)");
                    break;
                case RecordType.NS when isApex:
                    CheckServer(zone, record, errors);
                    break;
                case RecordType.NSEC3:
                    CheckHash(zone, record, errors);
                    break;
            }
        }

        CheckAlias(owner, alias, errors);
    }

    /// <summary>SOA, CNAME and DNAME stand alone in their RRset (RFC 2181 section 10.1, RFC 6672 section 2.4); a repetition is dropped.</summary>
    private static void CheckSingle(ref ZoneRecord? first, in ZoneRecord record, ZoneErrors errors)
    {
        if (first is { } before && !before.Data.AsSpan().SequenceEqual(record.Data))
        {
            errors.Add(record, $"a second {record.Type} of '{NameText.Print(record.Owner)}'; only one is allowed (the first is in line {before.Line})");
        }

        first ??= record;
    }

    /// <summary>The first label of an NSEC3 is the hash of a name as base32hex without padding, as long as the hash in its data (RFC 5155 section 3).</summary>
    private static void CheckHash(ZoneBuilder zone, in ZoneRecord record, ZoneErrors errors)
    {
        Span<byte> hash = stackalloc byte[Nsec3Hash.MaxLength];
        var length = Nsec3Hash.Decode(record.Owner.AsSpan(1, record.Owner[0]), hash);
        if (record.Owner.Length - record.Owner[0] - 1 != zone.Apex.Length || length <= 0)
        {
            errors.Add(record, $"NSEC3 at '{NameText.Print(record.Owner)}': its owner is a hash in base32hex without padding, directly below the apex (RFC 5155 section 3)");
        }
        else if (record.Data is [1, ..] && !(length == Nsec3Hash.Sha1Length && Nsec3Hash.NextOf(record.Data).Length == Nsec3Hash.Sha1Length))
        {
            errors.Add(record, "NSEC3: a hash of SHA-1 has 20 octets, as owner and as next hashed owner (RFC 5155 section 5)");
        }
    }

    /// <summary>An alias has no other data (RFC 1034 section 3.6.2) but what DNSSEC needs (RFC 4034 section 3, RFC 2535 section 2.3.5).</summary>
    private static void CheckAlias(ZoneOwner owner, ZoneRecord? alias, ZoneErrors errors)
    {
        if (alias is not { } cname)
        {
            return;
        }

        foreach (var record in owner.Records)
        {
            if (record.Type is not (RecordType.CNAME or RecordType.RRSIG or RecordType.NSEC or RecordType.SIG or RecordType.KEY or RecordType.NXT))
            {
                errors.Add(record, $"{record.Type.ToText()} beside a CNAME of '{NameText.Print(owner.Name)}' (line {cname.Line}); an alias may have no other data");
                return;
            }
        }
    }

    /// <summary>A server of the zone whose name lies in the zone needs an address there, and may be no alias (RFC 1035 section 5.2, RFC 2181 section 10.3).</summary>
    private static void CheckServer(ZoneBuilder zone, in ZoneRecord record, ZoneErrors errors)
    {
        var server = new byte[record.Data.Length];
        WireName.ToLower(record.Data, server);
        if (!WireName.IsAtOrBelow(server, zone.Apex))
        {
            return;
        }

        var above = zone.FindAbove(server);
        if (above?.Has(RecordType.DNAME) == true)
        {
            errors.Add(record, $"NS '{NameText.Print(server)}' is below the DNAME of '{NameText.Print(above.Name)}', so it does not exist here");
            return;
        }

        var owner = zone.Find(server) ?? FindWildcard(zone, server);
        if (above is not null || (owner is not null && zone.IsCut(owner)))
        {
            return;     // delegated: its addresses are the other servers' matter, and here at most glue
        }

        if (owner?.Has(RecordType.CNAME) == true)
        {
            errors.Add(record, $"NS '{NameText.Print(server)}' is an alias (CNAME); it needs an A or AAAA record");
        }
        else if (owner is null || !(owner.Has(RecordType.A) || owner.Has(RecordType.AAAA)))
        {
            errors.Add(record, $"NS '{NameText.Print(server)}' has no address in the zone; it needs an A or AAAA record");
        }
    }

    private static ZoneOwner? FindWildcard(ZoneBuilder zone, ReadOnlySpan<byte> name)
    {
        Span<byte> wildcard = stackalloc byte[WireName.MaxLength + 2];
        while (name.Length > zone.Apex.Length)
        {
            name = name[(name[0] + 1)..];
            wildcard[0] = 1;
            wildcard[1] = (byte)'*';
            name.CopyTo(wildcard[2..]);
            if (zone.Find(wildcard[..(name.Length + 2)]) is { } found)
            {
                return found;
            }

            if (zone.Find(name) is not null)
            {
                return null;
            }
        }

        return null;
    }
}
