using System.Net.Sockets;
using System.Text;
using DnsFlow.Service.Systemd;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Service;

public sealed class NotifierTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-notify-").FullName;

    [Fact]
    public void Send_SocketListens_GetsTheState()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var (path, socket) = Listen();
        using (socket)
        {
            Assert.True(new Notifier(path).Send("READY=1\nSTATUS=up"));
            Assert.Equal("READY=1\nSTATUS=up", Receive(socket));
        }
    }

    [Fact]
    public void Send_AbstractName_IsReached()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var name = "dnsflow-test-" + Guid.NewGuid().ToString("N");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint("\0" + name));
        Assert.True(new Notifier("@" + name).Send(Notifier.Stopping));
        Assert.Equal("STOPPING=1", Receive(socket));
    }

    [Fact]
    public void Send_NobodyListens_IsFalse()
    {
        Assert.False(new Notifier(null).Send(Notifier.Ready));
        Assert.False(new Notifier("").Send(Notifier.Ready));
        Assert.False(new Notifier(Path.Combine(_folder, "absent")).Send(Notifier.Ready));
        Assert.False(new Notifier("/" + new string('x', 300)).Send(Notifier.Ready));
    }

    [Theory]
    [InlineData("10000000", null, 5_000_000)]
    [InlineData("10000000", "42", 5_000_000)]
    [InlineData("10000000", "43", null)]
    [InlineData(null, null, null)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    public void Interval_OfEnvironment_IsHalfTheAllowedTime(string? microseconds, string? pid, int? expected)
        => Assert.Equal(
            expected is { } value ? TimeSpan.FromMicroseconds(value) : null,
            Watchdog.Interval(name => name == "WATCHDOG_USEC" ? microseconds : name == "WATCHDOG_PID" ? pid : null, 42));

    [Fact]
    public async Task Watchdog_ProbeOnceAnsweredThenFails_FallsSilent()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var (path, socket) = Listen();
        using (socket)
        {
            var time = new ManualTimeProvider();
            var answers = new Queue<bool>([false, true, false, true]);
            var probed = new SemaphoreSlim(0);
            Task<bool> Probe(CancellationToken _)
            {
                probed.Release();
                return Task.FromResult(answers.Dequeue());
            }

            var watchdog = Watchdog.Start(name => name == "WATCHDOG_USEC" ? "2000000" : null, 1, new Notifier(path), Probe, time)!;
            var signs = new List<bool>();
            for (var i = 0; i < 4; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await probed.WaitAsync();
                signs.Add(i != 2);
            }

            await watchdog.DisposeAsync();
            Assert.Empty(answers);
            Assert.Equal(signs.Count(sign => sign), CountWaiting(socket));
        }
    }

    [Fact]
    public void Watchdog_NotAskedFor_IsNone()
        => Assert.Null(Watchdog.Start(_ => null, 1, new Notifier("@x"), _ => Task.FromResult(true), TimeProvider.System));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string Path, Socket Socket) Listen()
    {
        var path = Path.Combine(_folder, "notify.sock");
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return (path, socket);
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }

    private static int CountWaiting(Socket socket)
    {
        var count = 0;
        for (; socket.Available > 0; count++)
        {
            Assert.Equal("WATCHDOG=1", Receive(socket));
        }

        return count;
    }
}
