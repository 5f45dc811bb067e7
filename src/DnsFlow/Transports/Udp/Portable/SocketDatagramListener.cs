using System.Net.Sockets;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>
/// A socket bound to one local address. The framework's calls with a <see cref="System.Net.SocketAddress"/> throw when there is nothing to
/// receive, so it is known before each that there is something: by the wait, by a <see cref="QueueMark"/> when many come at a time, or by asking. What they throw
/// then is rare.
/// </summary>
internal sealed class SocketDatagramListener : SocketDatagramSocket
{
    /// <summary>From how many datagrams a batch on a mark pays, which costs as much as asking six times.</summary>
    private const int MarkedFrom = 8;

    private readonly ListenerAddresses _owner;
    private readonly PeerAddress _peer;
    private readonly QueueMark _mark;
    private int _last;

    /// <summary>Takes over a bound socket.</summary>
    public SocketDatagramListener(Socket socket, ListenerAddresses owner)
        : base(socket)
    {
        _owner = owner;
        _peer = new PeerAddress(socket.AddressFamily);
        _mark = new QueueMark(LocalEndpoint);
    }

    /// <inheritdoc/>
    public override int Receive(DatagramBatch batch)
    {
        batch.Count = 0;
        var bounce = BounceBuffer.Of(batch);
        var isThere = IsReadable || Socket.Poll(0, SelectMode.SelectRead);
        IsReadable = false;
        if (isThere && _last >= MarkedFrom)
        {
            _mark.Put();
        }

        while (isThere && !batch.IsFull)
        {
            if (!TryReceiveOne(bounce, out var length))
            {
                _mark.Lose();
                break;
            }

            var remote = _peer.Read();
            if (_mark.TryTake(remote))
            {
                break;
            }

            ref var slot = ref batch[batch.Count];
            slot.Remote = remote;
            slot.Local = LocalEndpoint;
            bounce.MoveTo(batch, length);
            isThere = _mark.IsUnderWay || (!batch.IsFull && Socket.Poll(0, SelectMode.SelectRead));
        }

        return _last = batch.Count;
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
        _owner.Release(LocalEndpoint);
        _mark.Dispose();
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
