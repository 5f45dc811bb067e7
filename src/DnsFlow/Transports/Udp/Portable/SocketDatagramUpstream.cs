using System.Net.Sockets;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>A connected socket. All its calls return errors as values, so nothing is thrown.</summary>
internal sealed class SocketDatagramUpstream(Socket socket) : SocketDatagramSocket(socket)
{
    private bool _wasRefused;

    /// <inheritdoc/>
    public override int Receive(DatagramBatch batch)
    {
        batch.Count = 0;
        if (_wasRefused)
        {
            _wasRefused = false;
            return -1;
        }

        var bounce = BounceBuffer.Of(batch);
        while (!batch.IsFull)
        {
            var length = Socket.Receive(bounce.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                bounce.MoveTo(batch, length);
            }
            else if (IsAboutPeer(error))
            {
                _wasRefused = batch.Count > 0; // said by the next call: this one has datagrams to hand over
                return batch.Count > 0 ? batch.Count : -1;
            }
            else if (error is not (SocketError.Interrupted or SocketError.MessageSize))
            {
                return error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable
                    ? batch.Count
                    : throw new SocketException((int)error);
            }
        }

        return batch.Count;
    }

    /// <inheritdoc/>
    public override int Send(DatagramBatch batch)
    {
        var sent = 0;
        var retried = -1;
        for (var next = 0; next < batch.Count; next++)
        {
            Socket.Send(batch.Payload(next), SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                sent++;
            }
            else if (IsFull(error))
            {
                break;
            }
            else if (IsAboutPeer(error) && retried != next)
            {
                // An earlier datagram was refused and this call reports it. The datagram at hand has not been tried yet.
                _wasRefused = true;
                retried = next--;
            }
        }

        return sent;
    }
}
