using System.Buffers.Binary;
using System.Security.Cryptography;
using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>
/// Signs one request and checks the messages that answer it, which may be many (RFC 8945 section 5.3.1): the first and the last are signed, and between no
/// more than 99 are not. Or the other way round: checks a request and signs the response. One use, one thread.
/// </summary>
internal sealed class TsigSession(TsigKey key, TimeProvider time) : IDisposable
{
    /// <summary>How many seconds the clocks may differ (RFC 8945 section 10).</summary>
    public const ushort Fudge = 300;

    private const int MaxUnsigned = 99;

    private readonly IncrementalHash _hash = key.Begin();
    private byte[]? _priorMac;
    private bool _isContinued;
    private int _unsigned;

    /// <summary>Whether the last message that was checked was signed, as the last of all must be.</summary>
    public bool IsLastSigned => _unsigned == 0;

    /// <summary>The message with a TSIG record behind it.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        AppendPrior();
        _hash.AppendData(message);
        AppendVariables(now, Fudge, 0, []);
        _priorMac = _hash.GetHashAndReset();

        byte[] signed =
        [
            .. message,
            .. key.Name, 0, (byte)RecordType.TSIG, 0, (byte)RecordClass.ANY, 0, 0, 0, 0, 0, 0,
            .. key.AlgorithmName, .. Time(now, Fudge), 0, (byte)_priorMac.Length, .. _priorMac, message[0], message[1], 0, 0, 0, 0,
        ];
        var length = message.Length + key.Name.Length + 8;
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(length), (ushort)(signed.Length - length - 2));
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(signed.AsSpan(10)) + 1));
        return signed;
    }

    /// <summary>Checks a message; returns what is wrong with it, null when nothing is.</summary>
    public string? Check(ReadOnlySpan<byte> message)
    {
        if (!TsigRecord.TryFind(message, out var record))
        {
            return "a malformed message";
        }

        if (record is null)
        {
            return CheckUnsigned(message);
        }

        if (!record.Name.AsSpan().SequenceEqual(key.Name) || !record.Algorithm.AsSpan().SequenceEqual(key.AlgorithmName))
        {
            return "a signature by another key or algorithm";
        }

        if (record.Error != 0)
        {
            return $"the TSIG error {(ResponseCode)record.Error}";
        }

        AppendPrior();
        Append(message, record);
        if (_isContinued)
        {
            _hash.AppendData(Time(record.Time, record.Fudge));
        }
        else
        {
            AppendVariables(record.Time, record.Fudge, record.Error, record.Other);
        }

        var mac = _hash.GetHashAndReset();
        if (!CryptographicOperations.FixedTimeEquals(mac, record.Mac))
        {
            return "a signature that is not right";
        }

        if (Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - record.Time) > record.Fudge)
        {
            return "a signature of another time; compare the clocks";
        }

        (_priorMac, _isContinued, _unsigned) = (mac, true, 0);
        return null;
    }

    /// <summary>The response to the request that was checked, with a TSIG record behind it.</summary>
    public byte[] SignResponse(ReadOnlySpan<byte> message) => Sign(message);

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private string? CheckUnsigned(ReadOnlySpan<byte> message)
    {
        if (!_isContinued || ++_unsigned > MaxUnsigned)
        {
            return "no signature";
        }

        AppendPrior();
        _hash.AppendData(message);
        return null;
    }

    private void AppendPrior()
    {
        if (_priorMac is not null)
        {
            _hash.AppendData([0, (byte)_priorMac.Length]);
            _hash.AppendData(_priorMac);
            _priorMac = null;
        }
    }

    /// <summary>The message as it was before it was signed.</summary>
    private void Append(ReadOnlySpan<byte> message, TsigRecord record)
    {
        Span<byte> header = stackalloc byte[DnsHeader.Size];
        message[..DnsHeader.Size].CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header, record.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(header[10..]) - 1));
        _hash.AppendData(header);
        _hash.AppendData(message[DnsHeader.Size..record.Start]);
    }

    private void AppendVariables(long seconds, ushort fudge, ushort error, ReadOnlySpan<byte> other)
    {
        _hash.AppendData(key.Name);
        _hash.AppendData([0, (byte)RecordClass.ANY, 0, 0, 0, 0]);
        _hash.AppendData(key.AlgorithmName);
        _hash.AppendData(Time(seconds, fudge));
        _hash.AppendData([(byte)(error >> 8), (byte)error, (byte)(other.Length >> 8), (byte)other.Length]);
        _hash.AppendData(other);
    }

    private static byte[] Time(long seconds, ushort fudge)
    {
        var octets = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)(seconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(2), (uint)seconds);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(6), fudge);
        return octets;
    }
}
