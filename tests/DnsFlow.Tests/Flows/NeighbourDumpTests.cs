using System.Net;
using System.Runtime.InteropServices;
using DnsFlow.Flows.Linux;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Flows;

public sealed class NeighbourDumpTests
{
    [Fact]
    public void Parse_Neighbours_ReadsAddressAndLinkAddress()
    {
        var found = new List<(IPAddress Address, byte[] Link)>();
        byte[] datagram =
        [
            .. Message(state: 0x02, [192, 168, 1, 9], [2, 0x42, 0xAC, 0x11, 0, 2]),
            .. Message(state: 0x20, [192, 168, 1, 10], [2, 0x42, 0xAC, 0x11, 0, 3]),        // failed
            .. Message(state: 0x04, IPAddress.Parse("fe80::1").GetAddressBytes(), [2, 0x42, 0xAC, 0x11, 0, 4]),
        ];
        Assert.False(NeighbourMessages.Parse(datagram, found));
        Assert.Equal([IPAddress.Parse("192.168.1.9"), IPAddress.Parse("fe80::1")], found.Select(static one => one.Address));
        Assert.Equal([2, 0x42, 0xAC, 0x11, 0, 2], found[0].Link);
    }

    [Fact]
    public void Parse_Done_IsTheEnd()
    {
        var done = new byte[20];
        MemoryMarshal.Write(done.AsSpan(), 20);
        MemoryMarshal.Write(done.AsSpan(4), (ushort)3);
        Assert.True(NeighbourMessages.Parse(done, []));
    }

    [Fact]
    public void Parse_AnyOctets_StaysWithinThem()
    {
        var good = Message(state: 0x02, [192, 168, 1, 9], [2, 0x42, 0xAC, 0x11, 0, 2]);
        var cases = from position in Gen.Choose(0, good.Length - 1)
                    from octet in Gen.Choose(0, 255)
                    from length in Gen.Choose(0, good.Length)
                    select (position, (byte)octet, length);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Arb.From(cases), change =>
        {
            var changed = (byte[])good.Clone();
            changed[change.position] = change.Item2;
            NeighbourMessages.Parse(changed.AsSpan(0, change.length), []);
            return true;
        }));
    }

    [Fact]
    public void Read_Kernel_Answers()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.All(NeighbourDump.Read(), static one => Assert.Equal(6, one.Link.Length));
        }
    }

    private static byte[] Message(ushort state, byte[] address, byte[] link)
    {
        byte[] attributes = [.. Attribute(1, address), .. Attribute(2, link)];
        var message = new byte[28 + attributes.Length];
        MemoryMarshal.Write(message.AsSpan(), message.Length);
        MemoryMarshal.Write(message.AsSpan(4), (ushort)28);
        MemoryMarshal.Write(message.AsSpan(24), state);
        attributes.CopyTo(message.AsSpan(28));
        return message;
    }

    private static byte[] Attribute(ushort type, byte[] data)
    {
        var attribute = new byte[(4 + data.Length + 3) & ~3];
        MemoryMarshal.Write(attribute.AsSpan(), (ushort)(4 + data.Length));
        MemoryMarshal.Write(attribute.AsSpan(2), type);
        data.CopyTo(attribute.AsSpan(4));
        return attribute;
    }
}
