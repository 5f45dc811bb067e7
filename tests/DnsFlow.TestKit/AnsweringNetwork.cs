using System.Buffers.Binary;
using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Transports;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.TestKit;

/// <summary>
/// One client that asks for a new name each time, in full batches, and servers that answer at once with an address record, a cookie to whom shows one, and for the network that
/// was named; without allocating once a few sockets are open: for tests that count allocations.
/// </summary>
internal sealed class AnsweringNetwork(FlowEndpoint client, FlowEndpoint listener) : IDatagramNetwork, IDatagramWaiter
{
    private const int NameOffset = DnsHeader.Size + 1;
    private const int Digits = 8;

    private static ReadOnlySpan<byte> Record => [0xC0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 198, 51, 100, 7];

    private readonly byte[] _query = Wire.Query(new string('0', Digits) + ".example", udpSize: 1232);
    private readonly Dictionary<IDatagramSocket, int> _tokens = [];
    private readonly List<Server> _servers = [];
    private int _asked;

    private static ReadOnlySpan<byte> Opt => [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];

    private static ReadOnlySpan<byte> ServerCookie => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    /// <summary>How many names the client asks for.</summary>
    public int Names { get; init; } = int.MaxValue;

    /// <summary>How many queries with EDNS options came to the servers.</summary>
    public int AskedWithOptions { get; private set; }

    /// <summary>How often the client will still ask.</summary>
    public int Remaining { get; set; }

    /// <summary>How many responses it got.</summary>
    public int Answered { get; private set; }

    /// <summary>How often a socket was given another port.</summary>
    public int Reconnected { get; private set; }

    public bool SelectsSourceAddress => true;

    public IDatagramSocket Listen(FlowEndpoint address, bool shared) => new Client(this);

    public IDatagramSocket Adopt(Socket inherited) => throw new InvalidOperationException("Nothing is inherited here.");

    public IDatagramSocket Connect(FlowEndpoint upstream, SocketOrigin? origin = null) => new Server(this);

    public IDatagramWaiter CreateWaiter() => this;

    public void Add(IDatagramSocket socket, int token)
    {
        _tokens.Add(socket, token);
        if (socket is Server server)
        {
            _servers.Add(server);
        }
    }

    public void Remove(IDatagramSocket socket)
    {
        _tokens.Remove(socket);
        if (socket is Server server)
        {
            _servers.Remove(server);
        }
    }

    public int Wait(Span<int> ready, int timeoutMilliseconds)
    {
        var count = 0;
        if (Remaining > 0)
        {
            ready[count++] = 0;
        }

        foreach (var server in _servers)
        {
            if (server.HasAnswers)
            {
                ready[count++] = _tokens[server];
            }
        }

        return count;
    }

    public void Wake()
    {
    }

    public void Dispose()
    {
    }

    private sealed class Client(AnsweringNetwork network) : IDatagramSocket
    {
        public FlowEndpoint LocalEndpoint => network.Local;

        public long KernelDrops => 0;

        public bool TryConnect(FlowEndpoint upstream) => false;

        public int Receive(DatagramBatch batch)
        {
            batch.Count = Math.Min(batch.Capacity, network.Remaining);
            for (var i = 0; i < batch.Count; i++)
            {
                network.NextQuery(batch, i);
            }

            network.Remaining -= batch.Count;
            return batch.Count;
        }

        public int Send(DatagramBatch batch)
        {
            network.Answered += batch.Count;
            return batch.Count;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Server(AnsweringNetwork network) : IDatagramSocket
    {
        private readonly DatagramBatch _answers = new(2048, 512);
        private int _taken;

        public bool HasAnswers => _taken < _answers.Count;

        public FlowEndpoint LocalEndpoint => default;

        public long KernelDrops => 0;

        public bool TryConnect(FlowEndpoint upstream)
        {
            network.Reconnected++;
            return true;
        }

        public int Receive(DatagramBatch batch)
        {
            batch.Count = 0;
            while (HasAnswers && !batch.IsFull)
            {
                _answers.Payload(_taken).CopyTo(batch.Buffer(batch.Count));
                batch[batch.Count++].Length = _answers[_taken++].Length;
            }

            if (!HasAnswers)
            {
                _answers.Count = _taken = 0;
            }

            return batch.Count;
        }

        public int Send(DatagramBatch batch)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                Answer(batch.Payload(i), _answers.Count++);
            }

            return batch.Count;
        }

        public void Dispose() => _answers.Dispose();

        private void Answer(ReadOnlySpan<byte> query, int index)
        {
            var answer = _answers.Buffer(index);
            QueryView.TryParse(query, out var view);
            query[..view.QuestionEnd].CopyTo(answer);
            BinaryPrimitives.WriteUInt16BigEndian(answer[2..], 0x8180);
            BinaryPrimitives.WriteUInt16BigEndian(answer[6..], 1);
            BinaryPrimitives.WriteUInt16BigEndian(answer[10..], 0);
            Record.CopyTo(answer[view.QuestionEnd..]);
            _answers[index].Length = view.QuestionEnd + Record.Length + AddOptions(view.Options(query), answer, view.QuestionEnd + Record.Length);
        }

        // One option at most: a cookie, which gets the server's part unless it has it already, or a network.
        private int AddOptions(ReadOnlySpan<byte> options, Span<byte> answer, int end)
        {
            if (options.IsEmpty)
            {
                return 0;
            }

            network.AskedWithOptions++;
            answer[11] = 1;
            Opt.CopyTo(answer[end..]);
            var data = answer[(end + Opt.Length)..];
            options.CopyTo(data);
            var length = options.Length;
            if (options[1] == (byte)EdnsOptionCode.Cookie && length == 4 + 8)
            {
                ServerCookie.CopyTo(data[length..]);
                length += ServerCookie.Length;
                data[3] = 8 + 16;
            }

            answer[end + Opt.Length - 1] = (byte)length;
            return Opt.Length + length;
        }
    }

    private FlowEndpoint Local => listener;

    private void NextQuery(DatagramBatch batch, int index)
    {
        var message = batch.Buffer(index);
        _query.CopyTo(message);
        for (int digit = Digits - 1, rest = _asked++ % Names; digit >= 0; digit--, rest /= 10)
        {
            message[NameOffset + digit] = (byte)('0' + rest % 10);
        }

        batch[index] = new DatagramSlot { Remote = client, Local = listener, Length = _query.Length };
    }
}
