using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DnsFlow.Transports.Dialing;

/// <summary>Where a connection or datagram to an upstream leaves from.</summary>
/// <param name="Source">The source address; null = the kernel chooses.</param>
/// <param name="Interface">The name of the interface it leaves by, looked up anew for each socket; null = the routes choose.</param>
/// <param name="Mark">The mark that routing rules look at; 0 = none.</param>
internal sealed record SocketOrigin(IPAddress? Source = null, string? Interface = null, uint Mark = 0)
{
    private const int LevelSocket = 1, BindToDevice = 25, SetMark = 36;

    /// <summary>The kernel chooses everything.</summary>
    public static SocketOrigin Any { get; } = new();

    /// <summary>Whether the kernel chooses everything.</summary>
    public bool IsAny => this == Any;

    /// <summary>Whether this system knows how to choose an interface or a mark.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>
    /// Sets the origin of a socket that is not connected yet. Throws <see cref="SocketException"/> when the interface or the address is not there (now), or the
    /// process may not set a mark.
    /// </summary>
    public void Apply(Socket socket)
    {
        if (Interface is not null)
        {
            socket.SetRawSocketOption(LevelSocket, BindToDevice, Encoding.UTF8.GetBytes(Interface + '\0'));
        }

        if (Mark != 0)
        {
            Span<byte> mark = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(mark, BitConverter.IsLittleEndian ? Mark : BinaryPrimitives.ReverseEndianness(Mark));
            socket.SetRawSocketOption(LevelSocket, SetMark, mark);
        }

        if (Source is not null)
        {
            if (Source.AddressFamily != socket.AddressFamily)
            {
                throw new SocketException((int)SocketError.AddressFamilyNotSupported);
            }

            socket.Bind(new IPEndPoint(Source, 0));
        }
    }
}
