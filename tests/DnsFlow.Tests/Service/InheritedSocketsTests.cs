using System.Net;
using System.Net.Sockets;
using DnsFlow.Server.Listening;

namespace DnsFlow.Tests.Service;

public class InheritedSocketsTests
{
    [Theory]
    [InlineData(null, null, null, "")]
    [InlineData("42", null, null, "")]
    [InlineData("41", "2", null, "")]
    [InlineData("42", "0", null, "")]
    [InlineData("42", "2", null, ",")]
    [InlineData("42", "3", "local:lan", "local,lan,")]
    [InlineData("42", "2", "unknown:lan", ",lan")]
    public void TryParse_Announcement_GivesNames(string? pid, string? count, string? names, string expected)
    {
        Assert.True(InheritedSockets.TryParse(Environment(pid, count, names), 42, out var found, out var error));
        Assert.Null(error);
        Assert.Equal(expected.Length == 0 ? [] : expected.Split(','), found);
    }

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("100000")]
    [InlineData("")]
    public void TryParse_BrokenCount_SaysSo(string count)
    {
        Assert.False(InheritedSockets.TryParse(Environment("42", count, null), 42, out _, out var error));
        Assert.Contains("LISTEN_FDS", error);
    }

    [Fact]
    public void TryAdopt_RealDescriptor_IsTheSameSocket()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var original = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        original.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var descriptor = (int)original.SafeHandle.DangerousGetHandle();

        Assert.True(InheritedSockets.TryAdopt(["local"], descriptor, out var adopted, out _));

        var socket = Assert.Single(adopted.Sockets);
        Assert.Equal(("local", SocketType.Dgram), (socket.Name, socket.Socket.SocketType));
        Assert.Equal(original.LocalEndPoint, socket.Socket.LocalEndPoint);
        original.SafeHandle.SetHandleAsInvalid();
        socket.Socket.Dispose();
    }

    [Fact]
    public void TryAdopt_NoSuchDescriptor_SaysWhich()
    {
        Assert.False(InheritedSockets.TryAdopt(["local"], 900_000, out var adopted, out var error));
        Assert.Empty(adopted.Sockets);
        Assert.Contains("900000", error);
    }

    private static Func<string, string?> Environment(string? pid, string? count, string? names)
        => name => name switch { "LISTEN_PID" => pid, "LISTEN_FDS" => count, "LISTEN_FDNAMES" => names, _ => null };
}
