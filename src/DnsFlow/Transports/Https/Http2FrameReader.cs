using System.Buffers.Binary;

namespace DnsFlow.Transports.Https;

/// <summary>Finds the frames in the octets of one direction, in whatever pieces they come. What a frame carries is skipped.</summary>
/// <param name="preface">Octets before the first frame.</param>
/// <param name="onFrame">Told of each frame, once its header is whole.</param>
internal sealed class Http2FrameReader(int preface, Action<Http2Frame> onFrame)
{
    /// <summary>What a client sends first (RFC 9113 section 3.4).</summary>
    public const int ClientPreface = 24;

    private const int HeaderLength = 9;

    private readonly byte[] _header = new byte[HeaderLength];
    private long _skip = preface;
    private int _headerLength;

    /// <summary>Takes what comes next.</summary>
    public void Read(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, octets.Length);
                _skip -= skipped;
                octets = octets[skipped..];
                continue;
            }

            var taken = Math.Min(HeaderLength - _headerLength, octets.Length);
            octets[..taken].CopyTo(_header.AsSpan(_headerLength));
            octets = octets[taken..];
            _headerLength += taken;
            if (_headerLength == HeaderLength)
            {
                _headerLength = 0;
                _skip = (_header[0] << 16) | (_header[1] << 8) | _header[2];
                onFrame(new Http2Frame(_header[3], _header[4], BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(5)) & int.MaxValue, (int)_skip));
            }
        }
    }
}
