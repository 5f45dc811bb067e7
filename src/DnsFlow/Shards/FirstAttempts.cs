using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Transports;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>
/// Sends first attempts: picks the socket, draws the ID, writes the query anew (or relays a passed one as it is), and gathers what leaves by
/// one socket into one system call.
/// </summary>
internal sealed class FirstAttempts(PendingTable pendingTable, UpstreamSockets sockets, StreamLanes lanes, PlanReference plan) : IDisposable
{
    private const int BatchSize = 32;
    private const int QuerySize = 4096;

    private readonly DatagramBatch _out = new(BatchSize, QuerySize);
    private readonly RandomIds _ids = new();
    private readonly UpstreamCookies _cookies = new();
    private readonly byte[] _query = new byte[UpstreamQueryWriter.MaxLength];
    private readonly byte[] _padded = new byte[EncryptedQuery.MaxLength];
    private int _outSocket = -1;

    /// <summary>
    /// The flags of our queries. We always ask for recursion and for what is known about authenticity; both are given only to clients that
    /// asked for them (docs/decisions/0003).
    /// </summary>
    public static ushort QueryFlags(bool checkingDisabled) => (ushort)(
        DnsHeader.RecursionDesiredBit | DnsHeader.AuthenticDataBit | (checkingDisabled ? DnsHeader.CheckingDisabledBit : 0));

    /// <summary>Sends a question to a server with the batch; false when there is no socket to be had.</summary>
    public bool TrySend(int pending, in Question question, Upstream server)
    {
        var id = question.IsPassed ? question.View.Header.Id : _ids.Next();
        var socket = sockets.Acquire(server, question.Now);
        while (socket >= 0 && pendingTable.FindReply(socket, id) >= 0)
        {
            if (question.IsPassed)
            {
                socket = sockets.Acquire(server, question.Now, fresh: true);
            }
            else
            {
                id = _ids.Next();
            }
        }

        if (socket < 0)
        {
            return false;
        }

        Add(pending, question, socket, id);
        pendingTable.SetAttempt(pending, socket, id);
        sockets[socket].Use();
        server.Sent();
        return true;
    }

    /// <summary>
    /// Sends a question over a connection to a server with the batch; false when there is none, for the reason of <see cref="StreamLanes.Acquire"/>.
    /// </summary>
    public bool TrySendByLane(int pending, in Question question, Upstream server, out UpstreamError failure)
    {
        var lane = lanes.Acquire(server, question.Now, out failure);
        if (lane < 0)
        {
            return false;
        }

        var id = _ids.Next();
        while (pendingTable.FindReply(lane, id) >= 0 || lanes[lane].IsGivenUp(id))
        {
            id = _ids.Next();
        }

        if (!lanes.TrySend(lane, Write(question, server, id), question.Now))
        {
            return false;
        }

        pendingTable.SetAttempt(pending, lane, id);
        server.Sent();
        return true;
    }

    /// <summary>A question no longer waits for a reply to its first attempt.</summary>
    public void Release(int pending)
    {
        var socket = pendingTable[pending].Socket;
        if (StreamLanes.IsLane(socket))
        {
            var id = pendingTable[pending].Id;
            pendingTable.ClearAttempt(pending);
            lanes.Release(socket, id);
        }
        else if (socket >= 0)
        {
            pendingTable.ClearAttempt(pending);
            if (_outSocket == socket && _out.Count > 0 && sockets[socket].Outstanding == 1)
            {
                Flush();        // a socket may close with its last question, and that one has not left yet
            }

            sockets.Release(socket);
        }
    }

    /// <summary>Sends the queries that have gathered.</summary>
    public void Flush()
    {
        if (_out.Count > 0)
        {
            // What the kernel does not take is lost like any datagram: the attempt times out and the next server is asked.
            sockets[_outSocket].Socket.Send(_out);
            _out.Count = 0;
        }

        _outSocket = -1;
        lanes.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _out.Dispose();

    private ReadOnlySpan<byte> Write(in Question question, Upstream server, ushort id)
    {
        var length = UpstreamQueryWriter.Write(
            question.View.Question(question.Message), QueryFlags(question.Key.CheckingDisabled), question.Key.DnssecOk, _query);
        BinaryPrimitives.WriteUInt16BigEndian(_query, id);
        length = plan.Current.Subnets.Append(question.Key.Partition, isResponse: false, _query, length);
        return server.Link.IsEncrypted ? _padded.AsSpan(0, EncryptedQuery.Write(_query.AsSpan(0, length), keepAlive: true, _padded)) : _query.AsSpan(0, length);
    }

    /// <summary>The question as the server should repeat it; written to <paramref name="scratch"/> when it is not the client's.</summary>
    public ReadOnlySpan<byte> Asked(int pending, Span<byte> scratch)
    {
        var question = pendingTable.Question(pending);
        if (pendingTable[pending].CaseSeed == 0)
        {
            return question;
        }

        question.CopyTo(scratch);
        CaseMask.Apply(scratch[..(question.Length - 4)], pendingTable[pending].CaseSeed);
        return scratch[..question.Length];
    }

    /// <summary>Whether a reply that matches is about the network that was asked for.</summary>
    public bool AcceptsSubnet(int pending, ReadOnlySpan<byte> reply) => plan.Current.Subnets.Accepts(pendingTable[pending].Partition, reply);

    /// <summary>Whether a reply that matches shows the cookie that it should, and is about the network that was asked for.</summary>
    public bool AcceptsOptions(int pending, ReadOnlySpan<byte> reply)
    {
        ref var slot = ref pendingTable[pending];
        if (slot.IsPassed)
        {
            return true;
        }

        return plan.Current.Subnets.Accepts(slot.Partition, reply) && (!pendingTable.Group(pending).Options.Cookies || _cookies.Accepts(pendingTable.Server(pending)!, sockets[slot.Socket].Cookie, reply));
    }

    private void Add(int pending, in Question question, int socket, ushort id)
    {
        if (_outSocket != socket || _out.IsFull)
        {
            Flush();
            _outSocket = socket;
        }

        var buffer = _out.Buffer(_out.Count);
        int length;
        if (question.IsPassed)
        {
            length = question.Message.Length;       // at most a receive slot's size, which is this buffer's
            question.Message.CopyTo(buffer);
        }
        else
        {
            length = UpstreamQueryWriter.Write(
                question.View.Question(question.Message), QueryFlags(question.Key.CheckingDisabled), question.Key.DnssecOk, buffer);
            BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
            length = Harden(pending, question, sockets[socket], buffer, length);
        }

        _out[_out.Count++].Length = length;
    }

    /// <summary>Makes a query harder to answer for who has not seen it, as far as its group wants that.</summary>
    private int Harden(int pending, in Question question, UpstreamSocket socket, Span<byte> query, int length)
    {
        var options = question.Group.Options;
        if (options.RandomCase && socket.Server.EchoesCase)
        {
            var seed = ((ulong)_ids.Next() << 48) | ((ulong)_ids.Next() << 32) | ((ulong)_ids.Next() << 16) | _ids.Next() | 1;
            pendingTable[pending].CaseSeed = seed;
            CaseMask.Apply(query.Slice(DnsHeader.Size, question.View.NameLength), seed);
        }

        if (options.Cookies)
        {
            length = AddCookie(socket, query, length);
        }

        return plan.Current.Subnets.Append(question.Key.Partition, isResponse: false, query, length);
    }

    private int AddCookie(UpstreamSocket socket, Span<byte> query, int length)
    {
        if (socket.Cookie == 0)
        {
            socket.Cookie = _cookies.ClientPart(socket.Socket.LocalEndpoint, socket.Server.Endpoint);
        }

        return _cookies.Append(socket.Server, socket.Cookie, query, length);
    }
}
