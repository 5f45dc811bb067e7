using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>
/// A datagram that a listener sends to itself: it stands behind all that has come by then, so up to it there is something to receive and nobody needs to ask before
/// each datagram. The framework's only call that tells the sender throws when there is nothing, and asking costs a third system call for each datagram; a mark costs two for a whole
/// batch. One that is lost (a full queue, a filter) is found out by the exception it was to avoid; after a few in a row there are no more. Who forges
/// one ends a batch early, no more. One owner.
/// </summary>
internal sealed class QueueMark : IDisposable
{
    private const int MaxLost = 3;

    private readonly Socket? _socket;
    private readonly FlowEndpoint _sender;
    private int _lost;

    /// <summary>Makes the sender of marks for a listener. Where it cannot be made there will be no marks.</summary>
    public QueueMark(FlowEndpoint listener)
    {
        var socket = new Socket(listener.Family, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.Connect(listener.ToIPEndPoint());
            _sender = FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
            _socket = socket;
        }
        catch (SocketException)
        {
            socket.Dispose();       // no way from here to the listener's own address: it asks before each datagram, as without marks
        }
    }

    /// <summary>Whether there is a mark in the queue.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Puts a mark behind what is in the queue, unless there is one. It must not be empty: then the mark is the next.</summary>
    public void Put()
    {
        if (!IsUnderWay && _lost < MaxLost && _socket is not null)
        {
            _socket.Send([0], SocketFlags.None, out var error);
            IsUnderWay = error == SocketError.Success;
        }
    }

    /// <summary>Whether a received datagram is a mark, which is over then.</summary>
    public bool TryTake(in FlowEndpoint sender)
    {
        if (_socket is null || sender != _sender)
        {
            return false;
        }

        IsUnderWay = false;
        _lost = 0;
        return true;
    }

    /// <summary>Nothing was there although the mark should have been.</summary>
    public void Lose()
    {
        if (IsUnderWay)
        {
            IsUnderWay = false;
            _lost++;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();
}
