using System.Buffers.Binary;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Tests.Queries;

/// <summary>Writes responses octet by octet, so that tests can make what a proper writer would not.</summary>
internal sealed class ResponseBuilder
{
    private readonly List<byte> _octets = [];
    private readonly int[] _counts = new int[3];

    public ResponseBuilder(string name, RecordType type, ushort flags = 0x8180, RecordClass @class = RecordClass.IN)
    {
        _octets.AddRange(new byte[DnsHeader.Size]);
        Question = [.. Name(name), .. U16((int)type), .. U16((int)@class)];
        _octets.AddRange(Question);
        Flags = flags;
    }

    public byte[] Question { get; }

    public ushort Flags { get; set; }

    public ushort Id { get; set; } = 0x1234;

    public static byte[] Name(string name)
    {
        List<byte> octets = [];
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            octets.Add((byte)label.Length);
            octets.AddRange(Encoding.Latin1.GetBytes(label));
        }

        octets.Add(0);
        return [.. octets];
    }

    public static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] U32(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    public static byte[] Soa(uint minimum) => [.. Name("ns.example"), .. Name("host.example"), .. new byte[16], .. U32(minimum)];

    public static byte[] Signature(RecordType covered, string signer = "example")
        => [.. U16((int)covered), 8, 2, .. new byte[14], .. Name(signer), 1, 2, 3, 4];

    /// <summary>Section 0 = answer, 1 = authority, 2 = additional. An empty owner means a pointer to the question.</summary>
    public ResponseBuilder Add(int section, string owner, RecordType type, uint ttl, byte[] data, RecordClass @class = RecordClass.IN)
        => AddRaw(section, owner.Length == 0 ? [0xC0, 12] : Name(owner), type, ttl, data, @class);

    public ResponseBuilder AddRaw(int section, byte[] owner, RecordType type, uint ttl, byte[] data, RecordClass @class = RecordClass.IN)
    {
        _octets.AddRange([.. owner, .. U16((int)type), .. U16((int)@class), .. U32(ttl), .. U16(data.Length), .. data]);
        _counts[section]++;
        return this;
    }

    public ResponseBuilder Address(string owner = "", uint ttl = 300, byte last = 1) => Add(0, owner, RecordType.A, ttl, [192, 0, 2, last]);

    public ResponseBuilder Alias(string owner, string target, uint ttl = 300) => Add(0, owner, RecordType.CNAME, ttl, Name(target));

    public ResponseBuilder Opt(int extendedCode = 0, params byte[] options)
        => AddRaw(2, [0], RecordType.OPT, (uint)extendedCode << 24, options, (RecordClass)1232);

    public ResponseBuilder Raw(params byte[] octets)
    {
        _octets.AddRange(octets);
        return this;
    }

    public byte[] Build()
    {
        var message = _octets.ToArray();
        new DnsHeader(Id, Flags, 1, (ushort)_counts[0], (ushort)_counts[1], (ushort)_counts[2]).Write(message);
        return message;
    }

    /// <summary>One record as text: owner, type, TTL, and its RDATA with names expanded, in hexadecimal.</summary>
    public static List<string> Read(ReadOnlySpan<byte> message)
    {
        Assert.True(DnsHeader.TryRead(message, out var header));
        Assert.Equal(1, header.QuestionCount);
        var position = DnsHeader.Size + WireName.Measure(message, DnsHeader.Size) + 4;
        List<string> records = [];
        Span<byte> name = stackalloc byte[255];
        Span<byte> target = stackalloc byte[255];
        for (var i = 0; i < header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i++)
        {
            var length = WireName.Expand(message, position, name, out var at);
            Assert.True(length > 0);
            var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
            var size = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            var data = Convert.ToHexString(message.Slice(at + 10, size));
            if (type is RecordType.CNAME or RecordType.NS)
            {
                data = Text(target[..WireName.Expand(message, at + 10, target, out var end)]);
                Assert.Equal(at + 10 + size, end);
            }

            records.Add($"{Text(name[..length])} {type} {ttl} {data}");
            position = at + 10 + size;
        }

        Assert.Equal(message.Length, position);
        return records;
    }

    private static string Text(ReadOnlySpan<byte> name)
    {
        var text = "";
        for (var i = 0; name[i] != 0; i += name[i] + 1)
        {
            text += Encoding.Latin1.GetString(name.Slice(i + 1, name[i])) + ".";
        }

        return text.Length == 0 ? "." : text;
    }
}
