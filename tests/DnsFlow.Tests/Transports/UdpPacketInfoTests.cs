using System.Net;
using DnsFlow.Flows;
using DnsFlow.Transports.Udp.Linux;

namespace DnsFlow.Tests.Transports;

public class UdpPacketInfoTests
{
    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.2.7", false)]
    [InlineData("2001:db8::7", false)]
    [InlineData("fe80::7%3", false)]
    public void TryRead_WhatWasWritten_IsTheSameAddress(string address, bool isIPv4Socket)
    {
        var local = FlowEndpoint.From(IPAddress.Parse(address), 53);
        Span<byte> control = stackalloc byte[PacketInfo.BufferSize];
        control.Fill(0xFF);
        var length = PacketInfo.Write(control, local, isIPv4Socket);
        Assert.True(PacketInfo.TryRead(control[..length], 53, out var read));
        Assert.Equal(local, read);
    }

    [Fact]
    public void TryRead_BehindAnotherMessage_IsFound()
    {
        var local = FlowEndpoint.From(IPAddress.Parse("2001:db8::7"), 53);
        Span<byte> control = stackalloc byte[PacketInfo.BufferSize];
        var first = PacketInfo.Write(control, local, isIPv4Socket: true);
        control[IntPtr.Size + 4] = 99; // some other type
        var second = PacketInfo.Write(control[first..], local, isIPv4Socket: false);
        Assert.True(PacketInfo.TryRead(control[..(first + second)], 53, out var read));
        Assert.Equal(local, read);
    }

    [Fact]
    public void TryRead_CutAtEachOctet_NeverFindsHalfAnAddress()
    {
        var local = FlowEndpoint.From(IPAddress.Parse("2001:db8::7"), 53);
        var control = new byte[PacketInfo.BufferSize];
        PacketInfo.Write(control, local, isIPv4Socket: false);
        for (var length = 0; length < IntPtr.Size + 8 + 20; length++)
        {
            Assert.False(PacketInfo.TryRead(control.AsSpan(0, length), 53, out _), $"{length} octets");
        }
    }

    [Fact]
    public void TryRead_LengthThatLies_EndsTheSearch()
    {
        var control = new byte[PacketInfo.BufferSize];
        Assert.False(PacketInfo.TryRead(control, 53, out _)); // length 0 would never end
        control.AsSpan().Fill(0xFF);
        Assert.False(PacketInfo.TryRead(control, 53, out _));
    }
}
