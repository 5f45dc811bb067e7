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
    private protected override IDatagramNetwork Network { get; } = new SocketDatagramNetwork(new DatagramSocketOptions());

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void Listen_Wildcard_IsRefusedAndSaysWhatToDo(string address)
    {
        var wildcard = FlowEndpoint.From(IPAddress.Parse(address), 0);
        Assert.False(Network.SelectsSourceAddress);
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

    [Fact]
    public void Receive_BurstsOfMany_GivesTheClientsDatagramsOnlyAndThrowsNothing()
    {
        var listener = Listen(Loopback4);
        var client = Client(listener.LocalEndpoint);
        var asked = FlowEndpoint.From((IPEndPoint)client.LocalEndPoint!);
        var thread = Environment.CurrentManagedThreadId;
        var thrown = 0;
        void Count(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;

        AppDomain.CurrentDomain.FirstChanceException += Count;
        foreach (var burst in new[] { 20, 20, 40, 8, 1, 64, 3 })
        {
            for (var i = 0; i < burst; i++)
            {
                client.Send("x"u8);
            }

            for (var left = burst; left > 0;)
            {
                left -= Receive(listener);
                Assert.All(Enumerable.Range(0, Batch.Count), i => Assert.Equal((asked, 1), (Batch[i].Remote, Batch[i].Length)));
            }
        }

        AppDomain.CurrentDomain.FirstChanceException -= Count;
        Assert.Equal(0, thrown);
    }

    [Fact]
    public void QueueMark_OthersDatagrams_AreNoMarks()
    {
        using var mark = new QueueMark(Listen(Loopback4).LocalEndpoint);
        mark.Put();
        Assert.False(mark.TryTake(Loopback4 with { Port = 1 }));
        Assert.True(mark.IsUnderWay);
    }

    [Fact]
    public void QueueMark_LostAgainAndAgain_IsNotPutAnyMore()
    {
        using var mark = new QueueMark(Listen(Loopback4).LocalEndpoint);
        for (var i = 0; i < 3; i++)
        {
            mark.Put();
            Assert.True(mark.IsUnderWay);
            mark.Lose();
        }

        mark.Put();
        Assert.False(mark.IsUnderWay);
    }
}
