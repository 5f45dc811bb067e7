using System.Net.Sockets;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>
/// A socket bound to one local address. The framework's calls with a <see cref="System.Net.SocketAddress"/> throw when there is nothing to
/// receive, so the socket is asked first; what they throw then is rare.
/// </summary>
internal sealed class SocketDatagramListener(Socket socket, ListenerAddresses owner) : SocketDatagramSocket(socket)
{
    private readonly PeerAddress _peer = new(socket.AddressFamily);

    /// <inheritdoc/>
    public override int Receive(DatagramBatch batch)
    {
        batch.Count = 0;
        var bounce = BounceBuffer.Of(batch);
        var isKnown = IsReadable;       // the wait has asked already
        IsReadable = false;
        while (!batch.IsFull && (isKnown || Socket.Poll(0, SelectMode.SelectRead)) && TryReceiveOne(bounce, out var length))
        {
            isKnown = false;
            ref var slot = ref batch[batch.Count];
            slot.Remote = _peer.Read();
            slot.Local = LocalEndpoint;
            bounce.MoveTo(batch, length);
        }

        return batch.Count;
    }

    /// <inheritdoc/>
    public override int Send(DatagramBatch batch)
    {
        var sent = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var error = SendOne(batch, i);
            if (error == SocketError.Success)
            {
                sent++;
            }
            else if (IsFull(error))
            {
                break;
            }
        }

        return sent;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        owner.Release(LocalEndpoint);
        base.Dispose();
    }

    private bool TryReceiveOne(BounceBuffer bounce, out int length)
    {
        try
        {
            _peer.Reset();
            length = Socket.ReceiveFrom(bounce.Span, SocketFlags.None, _peer.Value);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is not (SocketError.NotSocket or SocketError.Fault))
        {
            // Readable and yet nothing there (a bad checksum), or a report about some peer: the next call goes on.
            length = 0;
            return false;
        }
    }

    private SocketError SendOne(DatagramBatch batch, int index)
    {
        ref var slot = ref batch[index];
        if (slot.Remote.Port == 0 || !_peer.CanReach(slot.Remote))
        {
            return SocketError.AddressNotAvailable; // without the price of an exception
        }

        try
        {
            _peer.Write(slot.Remote);
            Socket.SendTo(batch.Payload(index), SocketFlags.None, _peer.Value);
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode; // dropped; the caller counts it
        }
    }
}
