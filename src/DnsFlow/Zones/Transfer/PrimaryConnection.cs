using System.Net.Sockets;
using System.Security.Cryptography;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Transports;
using DnsFlow.Transports.Tcp;

namespace DnsFlow.Zones.Transfer;

/// <summary>A TCP connection to a primary: one question at a time, with signed messages if there is a key. Failures are <see cref="TransferException"/>.</summary>
internal sealed class PrimaryConnection : IDisposable
{
    /// <summary>How long connecting, and the wait for each message, may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SecondarySettings _settings;
    private readonly TimeProvider _time;
    private readonly StreamMessageReader _reader;
    private readonly NetworkStream _stream;
    private TsigSession? _session;
    private ushort _id;
    private Question _question = null!;
    private long _octets;

    private PrimaryConnection(SecondarySettings settings, TimeProvider time, Socket socket)
    {
        (_settings, _time) = (settings, time);
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamMessageReader(_stream);
    }

    /// <summary>Connects.</summary>
    public static async Task<PrimaryConnection> ConnectAsync(SecondarySettings settings, FlowEndpoint primary, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new Socket(primary.Family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var isConnected = false;
        try
        {
            await TryAsync(token => ConnectAsync(socket, primary, token), time, cancellationToken).ConfigureAwait(false);
            isConnected = true;
            return new PrimaryConnection(settings, time, socket);
        }
        finally
        {
            if (!isConnected)
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>Sends a question about the apex; <paramref name="authority"/> is the SOA we have, for an incremental transfer.</summary>
    public async Task SendAsync(RecordType type, ResourceRecord? authority, CancellationToken cancellationToken)
    {
        _id = (ushort)RandomNumberGenerator.GetInt32(65_536);
        _question = new Question(DomainName.FromChecked(_settings.Apex), type);
        var message = DnsMessageWriter.ToArray(new DnsMessage { Id = _id, Questions = [_question], Authority = authority is null ? [] : [authority] })!;
        if (_settings.Key is { } key)
        {
            _session?.Dispose();
            _session = new TsigSession(key, _time);
            message = _session.Sign(message);
        }

        var framed = new byte[MessageFraming.PrefixLength + message.Length];
        MessageFraming.Write(message, framed);
        await TryAsync(token => WriteAsync(framed, token), _time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the next message of the response.</summary>
    public async Task<DnsMessage> ReadAsync(CancellationToken cancellationToken)
    {
        if (await TryAsync(_reader.ReadAsync, _time, cancellationToken).ConfigureAwait(false) is not { } octets)
        {
            throw new TransferException("the primary closed the connection");
        }

        _octets += octets.Length;
        if (_octets > _settings.MaxBytes)
        {
            throw new TransferException($"the transfer has more than {_settings.MaxBytes:N0} octets, the most that MaxBytes allows");
        }

        if (_session?.Check(octets.Span) is { } wrong)
        {
            throw new TransferException($"the response has {wrong}");
        }

        if (!DnsMessageReader.TryRead(octets.Span, out var message, out var error))
        {
            throw new TransferException($"the response is malformed ({error})");
        }

        return message.IsResponse && message.Id == _id && (message.Questions.Count == 0 || message.Questions[0] == _question)
            ? message
            : throw new TransferException("the response is not to our question");
    }

    /// <summary>Checks that the last message was signed, if there is a key.</summary>
    public void CheckEnd()
    {
        if (_session is { IsLastSigned: false })
        {
            throw new TransferException("the last message has no signature");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session?.Dispose();
        _reader.Dispose();
        _stream.Dispose();
    }

    private static async ValueTask<bool> ConnectAsync(Socket socket, FlowEndpoint primary, CancellationToken cancellationToken)
    {
        await socket.ConnectAsync(primary.ToIPEndPoint(), cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<bool> WriteAsync(byte[] octets, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(octets, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Does something with patience; what the socket throws becomes an ordinary failure.</summary>
    private static async Task<T> TryAsync<T>(Func<CancellationToken, ValueTask<T>> step, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await step(either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new TransferException($"the connection failed: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransferException($"it does not answer within {Patience.TotalSeconds:0} s");
        }
    }
}
