using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace DnsFlow.Service.Systemd;

/// <summary>Tells the service manager how the process is doing (<c>sd_notify</c>). Does nothing when none listens.</summary>
internal sealed class Notifier(string? address)
{
    /// <summary>The state after the binds.</summary>
    public const string Ready = "READY=1";

    /// <summary>The state from the beginning of a reload to the next <see cref="Ready"/>; the time is that of CLOCK_MONOTONIC, which systemd compares.</summary>
    public static string Reloading(TimeProvider time)
    {
        var microseconds = (Int128)time.GetTimestamp() * 1_000_000 / time.TimestampFrequency;
        return string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}");
    }

    /// <summary>The state from the first word of a stop.</summary>
    public const string Stopping = "STOPPING=1";

    /// <summary>A sign of life.</summary>
    public const string Watchdog = "WATCHDOG=1";

    /// <summary>Whether somebody listens.</summary>
    public bool IsListening => !string.IsNullOrEmpty(address);

    /// <summary>Makes one from the environment variable <c>NOTIFY_SOCKET</c>.</summary>
    public static Notifier FromEnvironment(Func<string, string?> variable) => new(variable("NOTIFY_SOCKET"));

    /// <summary>Sends <paramref name="state"/>, one assignment a line. False when nobody took it; the service runs on.</summary>
    public bool Send(string state)
    {
        if (string.IsNullOrEmpty(address))
        {
            return false;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address));
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // An abstract name belongs to a network namespace and may be out of reach; that must not end the service.
            return false;
        }
    }
}
