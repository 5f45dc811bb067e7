using System.Runtime.CompilerServices;
using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>
/// The headers by which the kernel reads and writes the slots of one batch: native memory that never moves, made at the batch's first
/// system call and freed with the batch. Any socket may use it in turn.
/// </summary>
internal sealed unsafe class LinuxBatchHeaders : IDisposable
{
    private const int Truncated = 0x20; // MSG_TRUNC

    private readonly DatagramBatch _batch;
    private readonly NativeTable<BatchMessage> _messageTable;
    private readonly NativeTable<IoVec> _partTable;
    private readonly NativeTable<KernelAddress> _nameTable;
    private readonly NativeBuffer _controlBuffer;
    private readonly BatchMessage* _messages;
    private readonly IoVec* _parts;
    private readonly KernelAddress* _names;
    private readonly byte* _control;
    private readonly SendOrder _order;
    private HeaderUse _lastUse;
    private int _lastCount;

    private LinuxBatchHeaders(DatagramBatch batch)
    {
        _batch = batch;
        _messageTable = new NativeTable<BatchMessage>(batch.Capacity);
        _partTable = new NativeTable<IoVec>(batch.Capacity);
        _nameTable = new NativeTable<KernelAddress>(batch.Capacity);
        _controlBuffer = new NativeBuffer(batch.Capacity * PacketInfo.BufferSize);
        _messages = (BatchMessage*)Unsafe.AsPointer(ref _messageTable[0]);
        _parts = (IoVec*)Unsafe.AsPointer(ref _partTable[0]);
        _names = (KernelAddress*)Unsafe.AsPointer(ref _nameTable[0]);
        _control = (byte*)_controlBuffer.Address;
        _order = new SendOrder(batch);
    }

    /// <summary>The first header.</summary>
    public BatchMessage* Messages => _messages;

    /// <summary>The headers of a batch, made when it has none.</summary>
    public static LinuxBatchHeaders Of(DatagramBatch batch) => batch.Attachment as LinuxBatchHeaders ?? Attach(batch);

    /// <summary>
    /// Makes all slots ready to receive. The kernel overwrites the lengths and flags of the slots it fills, so those are set again; the others
    /// only when the headers were used for something else.
    /// </summary>
    public void PrepareReceive(HeaderUse use)
    {
        var stale = use == _lastUse ? _lastCount : _batch.Capacity;
        for (var i = 0; i < stale; i++)
        {
            ref var header = ref _messages[i].Header;
            header.Name = use == HeaderUse.ReceiveConnected ? null : _names + i;
            header.NameLength = use == HeaderUse.ReceiveConnected ? 0 : KernelAddress.MaxLength;
            header.Control = use == HeaderUse.ReceiveWithPacketInfo ? _control + i * PacketInfo.BufferSize : null;
            header.ControlLength = use == HeaderUse.ReceiveWithPacketInfo ? (nuint)PacketInfo.BufferSize : 0;
            header.Flags = 0;
            SetParts(ref header, i, 1);
            _parts[i] = new IoVec { Base = SlotAddress(i), Length = (nuint)_batch.SlotSize };
        }

        _lastUse = use;
        _lastCount = 0;
    }

    /// <summary>Copies what the kernel told about <paramref name="count"/> received datagrams into the slots.</summary>
    public void TakeReceived(int count, in FlowEndpoint bound)
    {
        _lastCount = count;
        for (var i = 0; i < count; i++)
        {
            ref var slot = ref _batch[i];
            ref var header = ref _messages[i].Header;
            slot.Length = (int)_messages[i].Length;
            slot.IsCut = (header.Flags & Truncated) != 0;
            if (_lastUse == HeaderUse.ReceiveConnected)
            {
                continue;
            }

            slot.Remote = _names[i].Read();

            // Without packet info (bound to one address, or the message was cut) the bound address is the best answer there is.
            slot.Local = _lastUse == HeaderUse.ReceiveWithPacketInfo && PacketInfo.TryRead(
                new ReadOnlySpan<byte>(header.Control, (int)Math.Min(header.ControlLength, PacketInfo.BufferSize)), bound.Port, out var local)
                ? local
                : bound;
        }
    }

    /// <summary>Makes the used slots ready to send and returns how many messages carry them.</summary>
    /// <param name="form">What the socket is.</param>
    /// <param name="segments">Whether one message may carry several datagrams of one peer.</param>
    public int PrepareSend(in SendForm form, bool segments)
    {
        if (!segments)
        {
            _order.Keep();
        }

        return Prepare(0, form, segments && _order.TrySort(form.IsConnected));
    }

    /// <summary>Makes the datagrams of a message, and all behind it, ready to be sent one by one instead. Returns how many messages carry them.</summary>
    public int PrepareSingly(int message, in SendForm form) => Prepare((int)(_messages[message].Header.Parts - _parts), form, segments: false);

    /// <summary>How many datagrams a message carries.</summary>
    public int DatagramsOf(int message) => (int)_messages[message].Header.PartCount;

    /// <inheritdoc/>
    public void Dispose()
    {
        _messageTable.Dispose();
        _partTable.Dispose();
        _nameTable.Dispose();
        _controlBuffer.Dispose();
    }

    private int Prepare(int place, in SendForm form, bool segments)
    {
        _lastUse = HeaderUse.Send;
        var message = 0;
        while (place < _batch.Count)
        {
            var count = segments ? _order.GroupAt(place, form.IsConnected) : 1;
            Prepare(message++, place, count, form);
            place += count;
        }

        return message;
    }

    private void Prepare(int message, int place, int count, in SendForm form)
    {
        for (var i = place; i < place + count; i++)
        {
            var index = _order[i];
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)_batch[index].Length, (uint)_batch.SlotSize);
            _parts[i] = new IoVec { Base = SlotAddress(index), Length = (nuint)_batch[index].Length };
        }

        ref var slot = ref _batch[_order[place]];
        ref var header = ref _messages[message].Header;
        SetParts(ref header, place, count);
        header.Name = form.IsConnected ? null : _names + message;
        header.NameLength = form.IsConnected ? 0 : _names[message].Write(slot.Remote, form.IsIPv4);
        header.Flags = 0;
        var control = _control + message * PacketInfo.BufferSize;
        var length = form.SetsSource && !slot.Local.IsAny ? PacketInfo.Write(new Span<byte>(control, PacketInfo.BufferSize), slot.Local, form.IsIPv4) : 0;
        if (count > 1)
        {
            length += SegmentSize.Write(new Span<byte>(control + length, PacketInfo.BufferSize - length), slot.Length);
        }

        header.Control = length > 0 ? control : null;
        header.ControlLength = (nuint)length;
    }

    private void SetParts(ref MessageHeader header, int part, int count)
    {
        header.Parts = _parts + part;
        header.PartCount = (nuint)count;
    }

    private byte* SlotAddress(int index) => (byte*)_batch.Address + (nint)index * _batch.Stride;

    private static LinuxBatchHeaders Attach(DatagramBatch batch)
    {
        batch.Attachment?.Dispose();
        var headers = new LinuxBatchHeaders(batch);
        batch.Attachment = headers;
        return headers;
    }
}
