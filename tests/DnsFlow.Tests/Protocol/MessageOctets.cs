namespace DnsFlow.Tests.Protocol;

/// <summary>Messages put together by hand, so that they can be wrong in every way.</summary>
internal sealed class MessageOctets
{
    private readonly List<byte> _octets = [];

    /// <summary>A header: ID 0x1234 and the given flags and counts.</summary>
    public static MessageOctets Header(int flags, int questions, int answers = 0, int authorities = 0, int additionals = 0) =>
        new MessageOctets().UInt16(0x1234, flags, questions, answers, authorities, additionals);

    /// <summary>A query for www.example. A, its header promising <paramref name="additionals"/> records.</summary>
    public static MessageOctets Query(int additionals = 0, int flags = 0x0100) =>
        Header(flags, 1, additionals: additionals).Name("www", "example").UInt16(1, 1);

    public MessageOctets UInt16(params int[] numbers)
    {
        foreach (var number in numbers)
        {
            _octets.Add((byte)(number >> 8));
            _octets.Add((byte)number);
        }

        return this;
    }

    public MessageOctets Octets(params byte[] octets)
    {
        _octets.AddRange(octets);
        return this;
    }

    public MessageOctets Name(params string[] labels)
    {
        foreach (var label in labels)
        {
            _octets.Add((byte)label.Length);
            _octets.AddRange(System.Text.Encoding.Latin1.GetBytes(label));
        }

        _octets.Add(0);
        return this;
    }

    /// <summary>A record behind whose owner name we are.</summary>
    public MessageOctets Record(int type, int @class, uint ttl, params byte[] rdata) =>
        UInt16(type, @class, (int)(ttl >> 16), (int)(ttl & 0xFFFF), rdata.Length).Octets(rdata);

    public MessageOctets Opt(int size = 1232, uint ttl = 0, params byte[] options) => Octets(0).Record(41, size, ttl, options);

    public byte[] ToArray() => [.. _octets];
}
