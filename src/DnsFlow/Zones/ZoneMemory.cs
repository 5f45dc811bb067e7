namespace DnsFlow.Zones;

/// <summary>What zones take of <c>Limits:Memory</c>, in octets of a process of 64 bits, and what is said when there is none left.</summary>
internal static class ZoneMemory
{
    private const int Header = 24;

    private const int Record = 48;

    /// <summary>An object with so many fields of eight octets.</summary>
    public static int OfObject(int fields) => (2 + fields) * sizeof(ulong);

    /// <summary>An array of octets.</summary>
    public static int OfArray(int length) => Header + ((length + 7) & ~7);

    /// <summary>A record while its zone is read; owners are mostly shared.</summary>
    public static int Of(in ZoneRecord record) => Record + OfArray(record.Data.Length);

    /// <summary>The message of a zone that does not fit.</summary>
    public static string Full(long left) => $"the zone does not fit into the memory for zones, {Math.Max(0, left) >> 10:N0} KiB of Limits:Memory are left";
}
