using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DnsFlow.Protocol;

namespace DnsFlow.Transports.Dialing;

/// <summary>
/// Resolves the names that the proxy itself needs (hosts of lists, upstreams) by servers of the configuration (<c>Bootstrap:Servers</c>), over UDP and past this proxy.
/// The resolver of the system is never asked: that may be this proxy.
/// </summary>
internal sealed class BootstrapResolver(TimeProvider time)
{
    private const int Rounds = 2;
    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(2);

    private volatile IReadOnlyList<IPEndPoint> _servers = [];

    /// <summary>The servers, asked in their order.</summary>
    public IReadOnlyList<IPEndPoint> Servers
    {
        get => _servers;
        set => _servers = value;
    }

    /// <summary>The addresses of a host, IPv4 first. Throws <see cref="HttpRequestException"/> with a sentence for people when there are none.</summary>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
        => (await LookUpAsync(host, cancellationToken).ConfigureAwait(false)).Addresses;

    /// <summary>The addresses of a host and how long they hold. Throws as <see cref="ResolveAsync"/> does.</summary>
    public async Task<ResolvedHost> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        if (!DomainName.TryParse(host, out var name))
        {
            throw new HttpRequestException($"'{host}' is not a name");
        }

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var server in Servers)
            {
                var asked = (V4: AskAsync(server, name, RecordType.A, cancellationToken), V6: AskAsync(server, name, RecordType.AAAA, cancellationToken));
                var (v4, v6) = (await asked.V4.ConfigureAwait(false), await asked.V6.ConfigureAwait(false));
                if (v4 is { Addresses.Count: > 0 } || v6 is { Addresses.Count: > 0 })
                {
                    return new([.. v4?.Addresses ?? [], .. v6?.Addresses ?? []], Least(v4, v6));
                }
            }
        }

        throw new HttpRequestException($"'{host}' is not resolved by Bootstrap:Servers");
    }

    private static TimeSpan Least(ResolvedHost? left, ResolvedHost? right)
        => new[] { left, right }.Where(static found => found is { Addresses.Count: > 0 }).Min(static found => found!.TimeToLive);

    /// <summary>Asks one server; null when it did not answer.</summary>
    private async Task<ResolvedHost?> AskAsync(IPEndPoint server, DomainName name, RecordType type, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(s_attempt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            var query = MakeQuery(name, type);
            await socket.ConnectAsync(server, either.Token).ConfigureAwait(false);
            await socket.SendAsync(query, either.Token).ConfigureAwait(false);
            var buffer = new byte[4096];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, either.Token).ConfigureAwait(false);
                if (Read(buffer.AsSpan(0, length), query) is { } found)
                {
                    return found;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static byte[] MakeQuery(DomainName name, RecordType type)
    {
        var query = new byte[DnsHeader.Size + name.Length + 4];
        new DnsHeader((ushort)RandomNumberGenerator.GetInt32(0x10000), DnsHeader.RecursionDesiredBit, 1, 0, 0, 0).Write(query);
        name.Wire.CopyTo(query.AsSpan(DnsHeader.Size));
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(DnsHeader.Size + name.Length), (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(DnsHeader.Size + name.Length + 2), (ushort)RecordClass.IN);
        return query;
    }

    /// <summary>The addresses in a response; null when it does not belong to the query.</summary>
    private static ResolvedHost? Read(ReadOnlySpan<byte> response, byte[] query)
    {
        var question = query.Length - DnsHeader.Size;
        if (response.Length < query.Length || !response[..2].SequenceEqual(query.AsSpan(0, 2))
            || !WireName.EqualsIgnoreCase(response.Slice(DnsHeader.Size, question), query.AsSpan(DnsHeader.Size))
            || !DnsMessageReader.TryRead(response, out var message) || !message.IsResponse)
        {
            return null;
        }

        var addresses = new List<IPAddress>();
        var timeToLive = uint.MaxValue;
        foreach (var record in message.Answer)
        {
            timeToLive = Math.Min(timeToLive, record.TimeToLive);
            if (record.TryGetAddress(out var address))
            {
                addresses.Add(address);
            }
        }

        return new(addresses, TimeSpan.FromSeconds(timeToLive));
    }
}
