using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using DnsFlow.Transports.Udp.Portable;

namespace DnsFlow.Tests.Transports;

/// <summary>The framework's sockets, on every system.</summary>
public class UdpPortableSocketTests : UdpSocketTests
{
    private protected override IDatagramNetwork? Network { get; } = new SocketDatagramNetwork(new DatagramSocketOptions());

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void Listen_Wildcard_IsRefusedAndSaysWhatToDo(string address)
    {
        var wildcard = FlowEndpoint.From(IPAddress.Parse(address), 0);
        Assert.False(Network!.SelectsSourceAddress);
        var refusal = Assert.Throws<SocketException>(() => Network.Listen(wildcard, shared: false));
        Assert.Contains("each local address", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Listen_EachExpandedAddress_AnswersFromTheAddressThatWasAsked()
    {
        foreach (var address in WildcardAddresses.Expand(FlowEndpoint.From(IPAddress.IPv6Any, 0)))
        {
            var listener = Listen(address);
            var client = Client(listener.LocalEndpoint);
            client.Send("where?"u8);
            Assert.Equal(1, Receive(listener));
            Assert.Equal(1, listener.Send(Batch.AnsweredWith("here")));
            Assert.Equal("here", Read(client));
        }
    }
}
