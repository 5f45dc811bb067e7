using System.Diagnostics;
using DnsFlow.Limits;

namespace DnsFlow.Transports;

/// <summary>
/// A fixed number of datagram slots in native memory: what one call receives or sends. One owner.
/// </summary>
internal sealed class DatagramBatch : IDisposable
{
    // Slots a multiple of 4,096 octets apart would all lie in the same few sets of the processor's first cache and push each other out.
    private const int Stagger = 192;

    private readonly NativeBuffer _data;
    private readonly NativeTable<DatagramSlot> _slots;
    private int _count;

    /// <summary>Makes <paramref name="capacity"/> slots of <paramref name="slotSize"/> octets each.</summary>
    public DatagramBatch(int capacity, int slotSize)
    {
        Capacity = capacity;
        SlotSize = slotSize;
        Stride = ((slotSize + 63) & ~63) + Stagger;
        _data = new NativeBuffer(capacity * Stride);
        _slots = new NativeTable<DatagramSlot>(capacity);
    }

    /// <summary>The number of slots.</summary>
    public int Capacity { get; }

    /// <summary>The size of each slot's buffer in octets.</summary>
    public int SlotSize { get; }

    /// <summary>How many octets lie between the beginnings of two slots' buffers.</summary>
    public int Stride { get; }

    /// <summary>How many slots are in use. A debug build poisons those that no longer are, so that nobody lives on what an earlier batch left.</summary>
    public int Count
    {
        get => _count;
        set
        {
            PoisonUnused(value, _count);
            _count = value;
        }
    }

    /// <summary>Whether no slot is free.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>The first octet of slot 0, for system calls; slot i begins i * <see cref="Stride"/> later.</summary>
    public nint Address => _data.Address;

    /// <summary>What the sockets' implementation keeps with the batch (system-call headers, a bounce buffer); freed with the batch.</summary>
    public IDisposable? Attachment { get; set; }

    /// <summary>A slot's endpoints and length.</summary>
    public ref DatagramSlot this[int index] => ref _slots[index];

    /// <summary>A slot's whole buffer.</summary>
    public Span<byte> Buffer(int index) => _data.Slice(index * Stride, SlotSize);

    /// <summary>A slot's datagram.</summary>
    public Span<byte> Payload(int index) => _data.Slice(index * Stride, _slots[index].Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Attachment?.Dispose();
        _data.Dispose();
        _slots.Dispose();
    }

    [Conditional("DEBUG")]
    private void PoisonUnused(int from, int to)
    {
        if (from < to)
        {
            _data.Slice(from * Stride, (to - from) * Stride).Fill(CheckedBufferPool.Poison);
        }
    }
}
