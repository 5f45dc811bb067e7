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
    private readonly SendForm _form;
    private FlowEndpoint _bound;
    private readonly HeaderUse _receiveUse;
    private bool _segments;
    private bool _wasRefused;

    /// <summary>Takes over a socket that is bound or connected and has its options set.</summary>
    public LinuxDatagramSocket(Socket socket, bool hasPacketInfo, ListenerAddresses? owner)
    {
        _socket = socket;
        _owner = owner;
        _form = new SendForm(socket.Connected, socket.AddressFamily == AddressFamily.InterNetwork, hasPacketInfo);
        _receiveUse = _form.IsConnected ? HeaderUse.ReceiveConnected : hasPacketInfo ? HeaderUse.ReceiveWithPacketInfo : HeaderUse.ReceiveWithName;
        _bound = FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
        Descriptor = (int)socket.Handle;
        _segments = LinuxSocketOptions.KnowsSegments(Descriptor);
    }

    /// <inheritdoc/>
    public FlowEndpoint LocalEndpoint => _bound;

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
            headers.TakeReceived(batch.Count, _bound);
            return count >= 0 ? count : NothingReceived(error);
        }
    }

    /// <inheritdoc/>
    public int Send(DatagramBatch batch) => batch.Count == 1 && !_form.SetsSource && TrySendOne(batch) ? 1 : SendMany(batch);

    /// <summary>One datagram needs no headers. False when it did not leave: it is worth the longer way, which knows all the reasons.</summary>
    private bool TrySendOne(DatagramBatch batch)
    {
        var payload = batch.Payload(0);
        fixed (byte* data = payload)
        {
            if (_form.IsConnected)
            {
                var left = Libc.Send(Descriptor, data, (nuint)payload.Length, SendFlags) >= 0;
                _wasRefused |= !left && ErrorNumber.IsAboutPeer(Marshal.GetLastSystemError());      // about an earlier one
                return left;
            }

            var peer = default(KernelAddress);
            var length = peer.Write(batch[0].Remote, _form.IsIPv4);
            return Libc.SendTo(Descriptor, data, (nuint)payload.Length, SendFlags, &peer, length) >= 0;
        }
    }

    private int SendMany(DatagramBatch batch)
    {
        var headers = LinuxBatchHeaders.Of(batch);
        var messages = headers.PrepareSend(_form, _segments);
        var sent = 0;
        var next = 0;
        var retried = -1;
        while (next < messages)
        {
            var count = Libc.SendMessages(Descriptor, headers.Messages + next, (uint)(messages - next), SendFlags);
            if (count > 0)
            {
                for (var end = next + count; next < end; next++)
                {
                    sent += headers.DatagramsOf(next);
                }

                continue;
            }

            switch (Marshal.GetLastSystemError())
            {
                case ErrorNumber.Interrupted:
                    break;

                // An earlier datagram was refused and this call reports it. The datagram at hand has not been tried yet.
                case var error when _form.IsConnected && ErrorNumber.IsAboutPeer(error) && retried != next:
                    _wasRefused = true;
                    retried = next;
                    break;

                // The rest would not fit either: drop it, never spin.
                case ErrorNumber.WouldBlock or ErrorNumber.NoBuffers or ErrorNumber.NoMemory:
                    return sent;

                // The device or the route there cannot cut segments: no more of them by this socket.
                case var error when headers.DatagramsOf(next) > 1 && ErrorNumber.IsAboutSegments(error):
                    _segments = false;
                    messages = headers.PrepareSingly(next, _form);
                    next = 0;
                    retried = -1;
                    break;

                // sendmmsg stops at the first message that fails. Only that one is lost.
                default:
                    next++;
                    break;
            }
        }

        return sent;
    }

    /// <inheritdoc/>
    public bool TryConnect(FlowEndpoint upstream)
    {
        if (!_form.IsConnected || upstream.IsIPv4 != _form.IsIPv4)
        {
            return false;
        }

        // Unconnected, a socket that never was bound by name gives its port back. What the port still holds was sent to a question of the past, or is
        // forged and hoped for one of the future.
        var address = default(KernelAddress);
        var isFree = Libc.Connect(Descriptor, &address, (uint)sizeof(KernelAddress)) == 0;
        while (isFree && (Libc.Receive(Descriptor, null, 0, ReceiveFlags) >= 0 || !IsEmpty(Marshal.GetLastSystemError())))
        {
        }

        _wasRefused = false;
        var length = address.Write(upstream, _form.IsIPv4);
        if (!isFree || Libc.Connect(Descriptor, &address, length) != 0)
        {
            return false;
        }

        _bound = LinuxSocketOptions.ReadLocalEndpoint(Descriptor);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owner?.Release(_bound);
        _socket.Dispose();
    }

    private static bool IsEmpty(int error) => error is ErrorNumber.WouldBlock or ErrorNumber.NoMemory or ErrorNumber.NoBuffers;

    private int NothingReceived(int error)
    {
        if (ErrorNumber.IsAboutPeer(error))
        {
            return _form.IsConnected ? -1 : 0;
        }

        // Everything else is a fault of ours: a closed descriptor, a bad address.
        return IsEmpty(error) ? 0 : throw new Win32Exception(error);
    }
}
