using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using DnsFlow.Transports.Udp.Linux;
using DnsFlow.Transports.Udp.Portable;

namespace DnsFlow.Tests.Transports;

/// <summary>How every network of real datagram sockets waits for them.</summary>
public abstract class UdpWaiterTests : UdpNetworkTests
{
    [Fact]
    public void Wait_ReadableSockets_ReportsTheirTokensOnly()
    {
        var waiter = Waiter();
        var first = Listen(Loopback4);
        var second = Listen(Loopback4);
        var third = Listen(Loopback6);
        waiter.Add(first, 10);
        waiter.Add(second, 20);
        waiter.Add(third, 30);
        Span<int> ready = stackalloc int[8];
        Assert.Equal(0, waiter.Wait(ready, 0));

        Client(second.LocalEndpoint).Send("x"u8);
        Assert.Equal(1, waiter.Wait(ready, WaitMilliseconds));
        Assert.Equal(20, ready[0]);

        Client(third.LocalEndpoint).Send("x"u8);
        Assert.Equal(2, waiter.Wait(ready, WaitMilliseconds));
        waiter.Remove(second);
        Assert.Equal(1, waiter.Wait(ready, WaitMilliseconds));
        Assert.Equal(30, ready[0]);
    }

    [Fact]
    public void Wait_MoreReadyThanAsked_ReportsTheOthersLater()
    {
        var waiter = Waiter();
        var sockets = Enumerable.Range(0, 5).Select(_ => Listen(Loopback4)).ToArray();
        for (var i = 0; i < sockets.Length; i++)
        {
            waiter.Add(sockets[i], i);
            Client(sockets[i].LocalEndpoint).Send("x"u8);
        }

        var seen = new HashSet<int>();
        Span<int> ready = stackalloc int[2];
        for (var round = 0; round < 20 && seen.Count < sockets.Length; round++)
        {
            foreach (var token in ready[..waiter.Wait(ready, WaitMilliseconds)])
            {
                seen.Add(token);
                sockets[token].Receive(Batch);
            }
        }

        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public void Wait_NothingComes_EndsWithItsTimeAgainAndAgain()
    {
        var waiter = Waiter();
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(0, waiter.Wait(new int[8], 1));
        }
    }

    [Fact]
    public void Wait_AnEarlierTimeThanThatOfTheWaitBefore_EndsWithIt()
    {
        var waiter = Waiter();
        waiter.Wake();
        Assert.Equal(0, waiter.Wait(new int[8], int.MaxValue));
        Assert.Equal(0, waiter.Wait(new int[8], 1));        // and not after 24 days
    }

    [Fact]
    public async Task Wake_BeforeTheWait_EndsOneWait()
    {
        var waiter = Waiter();
        for (var round = 0; round < 3; round++)
        {
            waiter.Wake();
            waiter.Wake();
            Assert.Equal(0, await WaitOnAThreadOfItsOwn(waiter));
        }

        // Both calls were one wake-up: nothing is left over.
        var listener = Listen(Loopback4);
        waiter.Add(listener, 1);
        Client(listener.LocalEndpoint).Send("x"u8);
        Assert.Equal(1, await WaitOnAThreadOfItsOwn(waiter));
    }

    [Fact]
    public async Task Wake_FromAnotherThread_EndsTheWait()
    {
        var waiter = Waiter();
        var waiting = WaitOnAThreadOfItsOwn(waiter);
        waiter.Wake();
        Assert.Equal(0, await waiting);
    }

    [Fact]
    public void Wake_AfterDispose_DoesNothing()
    {
        var waiter = Network.CreateWaiter();
        waiter.Dispose();
        waiter.Wake();
        waiter.Dispose();
    }

    private static async Task<int> WaitOnAThreadOfItsOwn(IDatagramWaiter waiter)
    {
        using var started = new ManualResetEventSlim();
        var waiting = Task.Factory.StartNew(
            () =>
            {
                started.Set();
                return waiter.Wait(new int[8], -1);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        started.Wait();
        return await waiting.WaitAsync(TimeSpan.FromMinutes(1));
    }
}

/// <summary>With the system calls of Linux where they are, with the framework's sockets elsewhere.</summary>
public class UdpLinuxWaiterTests : UdpWaiterTests
{
    private protected override IDatagramNetwork Network { get; } =
        LinuxDatagramNetwork.IsSupported ? new LinuxDatagramNetwork(new DatagramSocketOptions()) : new SocketDatagramNetwork(new DatagramSocketOptions());
}

/// <summary>With the framework's sockets, on every system.</summary>
public class UdpPortableWaiterTests : UdpWaiterTests
{
    private protected override IDatagramNetwork Network { get; } = new SocketDatagramNetwork(new DatagramSocketOptions());
}
