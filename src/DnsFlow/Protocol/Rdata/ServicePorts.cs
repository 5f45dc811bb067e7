using System.Collections.Frozen;
using System.Globalization;

namespace DnsFlow.Protocol.Rdata;

/// <summary>The ports that WKS records name by service: the well-known ones of RFC 1700, as no zone written since then uses others.</summary>
internal static class ServicePorts
{
    private static readonly FrozenDictionary<string, ushort>.AlternateLookup<ReadOnlySpan<char>> s_ports = new Dictionary<string, ushort>
    {
        ["tcpmux"] = 1, ["echo"] = 7, ["discard"] = 9, ["systat"] = 11, ["daytime"] = 13, ["netstat"] = 15, ["qotd"] = 17, ["chargen"] = 19,
        ["ftp-data"] = 20, ["ftp"] = 21, ["ssh"] = 22, ["telnet"] = 23, ["smtp"] = 25, ["time"] = 37, ["rlp"] = 39, ["nameserver"] = 42,
        ["whois"] = 43, ["nicname"] = 43, ["tacacs"] = 49, ["domain"] = 53, ["sql*net"] = 66, ["bootps"] = 67, ["bootpc"] = 68, ["tftp"] = 69,
        ["gopher"] = 70, ["finger"] = 79, ["http"] = 80, ["www"] = 80, ["kerberos"] = 88, ["supdup"] = 95, ["hostname"] = 101, ["hostnames"] = 101,
        ["iso-tsap"] = 102, ["csnet-ns"] = 105, ["rtelnet"] = 107, ["pop2"] = 109, ["pop3"] = 110, ["sunrpc"] = 111, ["auth"] = 113, ["sftp"] = 115,
        ["uucp-path"] = 117, ["nntp"] = 119, ["ntp"] = 123, ["netbios-ns"] = 137, ["netbios-dgm"] = 138, ["netbios-ssn"] = 139, ["imap"] = 143,
        ["imap2"] = 143, ["snmp"] = 161, ["snmp-trap"] = 162, ["bgp"] = 179, ["irc"] = 194, ["ldap"] = 389, ["https"] = 443,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A port by its number or the name of its service.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || s_ports.TryGetValue(text, out port);
}
