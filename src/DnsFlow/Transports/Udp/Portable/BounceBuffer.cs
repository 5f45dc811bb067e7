using DnsFlow.Limits;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>
/// Room for the largest datagram there is, one per batch. Received into a slot directly, a longer datagram would be cut silently on Unix and
/// throw on Windows; received here, it is seen for what it is.
/// </summary>
internal sealed class BounceBuffer : IDisposable
{
    private readonly NativeBuffer _memory = new(ushort.MaxValue + 1);

    /// <summary>The octets.</summary>
    public Span<byte> Span => _memory.Span;

    /// <summary>The buffer of a batch, made when it has none.</summary>
    public static BounceBuffer Of(DatagramBatch batch) => batch.Attachment as BounceBuffer ?? Attach(batch);

    /// <summary>Copies a received datagram into the next slot.</summary>
    public void MoveTo(DatagramBatch batch, int length)
    {
        var index = batch.Count++;
        ref var slot = ref batch[index];
        slot.Length = Math.Min(length, batch.SlotSize);
        slot.IsCut = length > batch.SlotSize;
        Span[..slot.Length].CopyTo(batch.Buffer(index));
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static BounceBuffer Attach(DatagramBatch batch)
    {
        batch.Attachment?.Dispose();
        var buffer = new BounceBuffer();
        batch.Attachment = buffer;
        return buffer;
    }
}
