using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>A datagram socket that receives and sends whole batches by one system call each (recvmmsg, sendmmsg).</summary>
internal sealed unsafe class LinuxDatagramSocket : IDatagramSocket
{
    private const int SendFlags = 0x40 | 0x4000; // MSG_DONTWAIT | MSG_NOSIGNAL
    private const int ReceiveFlags = 0x40;

    private readonly Socket _socket;
    private readonly ListenerAddresses? _owner;
    private readonly bool _isConnected;
    private readonly bool _isIPv4;
    private readonly bool _hasPacketInfo;
    private readonly HeaderUse _receiveUse;
    private bool _wasRefused;

    /// <summary>Takes over a socket that is bound or connected and has its options set.</summary>
    public LinuxDatagramSocket(Socket socket, bool hasPacketInfo, ListenerAddresses? owner)
    {
        _socket = socket;
        _owner = owner;
        _isConnected = socket.Connected;
        _isIPv4 = socket.AddressFamily == AddressFamily.InterNetwork;
        _hasPacketInfo = hasPacketInfo;
        _receiveUse = _isConnected ? HeaderUse.ReceiveConnected : hasPacketInfo ? HeaderUse.ReceiveWithPacketInfo : HeaderUse.ReceiveWithName;
        LocalEndpoint = FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
        Descriptor = (int)socket.Handle;
    }

    /// <inheritdoc/>
    public FlowEndpoint LocalEndpoint { get; }

    /// <summary>The file descriptor, open until <see cref="Dispose"/>.</summary>
    public int Descriptor { get; }

    /// <inheritdoc/>
    public long KernelDrops => LinuxSocketOptions.ReadDrops(Descriptor);

    /// <inheritdoc/>
    public int Receive(DatagramBatch batch)
    {
        if (_wasRefused)
        {
            _wasRefused = false;
            return -1;
        }

        var headers = LinuxBatchHeaders.Of(batch);
        headers.PrepareReceive(_receiveUse);
        while (true)
        {
            var count = Libc.ReceiveMessages(Descriptor, headers.Messages, (uint)batch.Capacity, ReceiveFlags, null);
            var error = count < 0 ? Marshal.GetLastSystemError() : 0;
            if (error is ErrorNumber.Interrupted or ErrorNumber.MessageSize)
            {
                // A too large datagram of ours was reported: nothing about the peer, and the report is gone now.
                continue;
            }

            batch.Count = Math.Max(count, 0);
            headers.TakeReceived(batch.Count, LocalEndpoint);
            return count >= 0 ? count : NothingReceived(error);
        }
    }

    /// <inheritdoc/>
    public int Send(DatagramBatch batch)
    {
        var headers = LinuxBatchHeaders.Of(batch);
        headers.PrepareSend(_isConnected, _isIPv4, _hasPacketInfo);
        var sent = 0;
        var next = 0;
        var retried = -1;
        while (next < batch.Count)
        {
            var count = Libc.SendMessages(Descriptor, headers.Messages + next, (uint)(batch.Count - next), SendFlags);
            if (count > 0)
            {
                sent += count;
                next += count;
                continue;
            }

            switch (Marshal.GetLastSystemError())
            {
                case ErrorNumber.Interrupted:
                    break;

                // An earlier datagram was refused and this call reports it. The datagram at hand has not been tried yet.
                case var error when _isConnected && ErrorNumber.IsAboutPeer(error) && retried != next:
                    _wasRefused = true;
                    retried = next;
                    break;

                // The rest would not fit either: drop it, never spin.
                case ErrorNumber.WouldBlock or ErrorNumber.NoBuffers or ErrorNumber.NoMemory:
                    return sent;

                // sendmmsg stops at the first datagram that fails. Only that one is lost.
                default:
                    next++;
                    break;
            }
        }

        return sent;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owner?.Release(LocalEndpoint);
        _socket.Dispose();
    }

    private int NothingReceived(int error)
    {
        if (ErrorNumber.IsAboutPeer(error))
        {
            return _isConnected ? -1 : 0;
        }

        // Everything else is a fault of ours: a closed descriptor, a bad address.
        return error is ErrorNumber.WouldBlock or ErrorNumber.NoMemory or ErrorNumber.NoBuffers ? 0 : throw new Win32Exception(error);
    }
}
