using System.Globalization;
using System.Net.Sockets;

namespace DnsFlow.Server.Listening;

/// <summary>A bound socket that the service manager handed over (<c>LISTEN_FDS</c>).</summary>
/// <param name="Socket">The socket; its type tells UDP from TCP. Whoever takes it disposes it.</param>
/// <param name="Name">Its name from <c>LISTEN_FDNAMES</c>, matched with the names of the listeners; empty when it has none.</param>
public sealed record InheritedSocket(Socket Socket, string Name);

/// <summary>The sockets a service manager handed over, by systemd's protocol (<c>sd_listen_fds</c>).</summary>
public sealed class InheritedSockets(IReadOnlyList<InheritedSocket> sockets)
{
    private const int FirstDescriptor = 3;

    /// <summary>None.</summary>
    public static InheritedSockets None { get; } = new([]);

    /// <summary>The sockets in the order they were handed over.</summary>
    public IReadOnlyList<InheritedSocket> Sockets { get; } = sockets;

    /// <summary>
    /// Takes what the environment of this process announces and removes the announcement, so that a child does not take it too.
    /// Call it once. False when the announcement is broken or a descriptor is no socket; <paramref name="error"/> says what.
    /// </summary>
    public static bool TryTake(out InheritedSockets taken, out string? error)
    {
        var parsed = TryParse(Environment.GetEnvironmentVariable, Environment.ProcessId, out var names, out error);
        Environment.SetEnvironmentVariable("LISTEN_PID", null);
        Environment.SetEnvironmentVariable("LISTEN_FDS", null);
        Environment.SetEnvironmentVariable("LISTEN_FDNAMES", null);
        taken = None;
        return parsed && TryAdopt(names, FirstDescriptor, out taken, out error);
    }

    /// <summary>Reads the announcement: one name per descriptor. An announcement for another process counts as none.</summary>
    internal static bool TryParse(Func<string, string?> variable, int processId, out string[] names, out string? error)
    {
        (names, error) = ([], null);
        if (variable("LISTEN_PID") != processId.ToString(CultureInfo.InvariantCulture) || variable("LISTEN_FDS") is not { } count)
        {
            return true;
        }

        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptors) || descriptors > 256)
        {
            error = $"LISTEN_FDS: '{count}' is not a number of sockets from 0 to 256";
            return false;
        }

        var given = (variable("LISTEN_FDNAMES") ?? "").Split(':');
        names = [.. Enumerable.Range(0, descriptors).Select(i => i < given.Length && given[i] != "unknown" ? given[i] : "")];
        return true;
    }

    /// <summary>Makes sockets of the descriptors from <paramref name="first"/> on.</summary>
    internal static bool TryAdopt(string[] names, int first, out InheritedSockets adopted, out string? error)
    {
        var sockets = new List<InheritedSocket>(names.Length);
        (adopted, error) = (None, null);
        for (var i = 0; i < names.Length; i++)
        {
            try
            {
                sockets.Add(new InheritedSocket(new Socket(new SafeSocketHandle(first + i, ownsHandle: true)), names[i]));
            }
            catch (SocketException exception)
            {
                error = $"LISTEN_FDS: descriptor {first + i} is not a usable socket: {exception.Message}";
                sockets.ForEach(socket => socket.Socket.Dispose());
                return false;
            }
        }

        adopted = new InheritedSockets(sockets);
        return true;
    }
}
