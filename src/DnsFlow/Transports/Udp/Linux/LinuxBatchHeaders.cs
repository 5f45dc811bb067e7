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
        for (var i = 0; i < batch.Capacity; i++)
        {
            _parts[i].Base = (byte*)batch.Address + (nint)i * batch.SlotSize;
            _messages[i].Header.Parts = _parts + i;
            _messages[i].Header.PartCount = 1;
        }
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
            _parts[i].Length = (nuint)_batch.SlotSize;
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

    /// <summary>Makes the used slots ready to send.</summary>
    /// <param name="isConnected">The socket has one peer: no addresses.</param>
    /// <param name="isIPv4">The socket's family.</param>
    /// <param name="setsSource">The socket is bound to a wildcard: each datagram says where it leaves from.</param>
    public void PrepareSend(bool isConnected, bool isIPv4, bool setsSource)
    {
        _lastUse = HeaderUse.Send;
        for (var i = 0; i < _batch.Count; i++)
        {
            ref var slot = ref _batch[i];
            ref var header = ref _messages[i].Header;
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)slot.Length, (uint)_batch.SlotSize);
            _parts[i].Length = (nuint)slot.Length;
            header.Name = isConnected ? null : _names + i;
            header.NameLength = isConnected ? 0 : _names[i].Write(slot.Remote, isIPv4);
            header.Control = null;
            header.ControlLength = 0;
            header.Flags = 0;
            if (setsSource && !slot.Local.IsAny)
            {
                header.Control = _control + i * PacketInfo.BufferSize;
                header.ControlLength = (nuint)PacketInfo.Write(new Span<byte>(header.Control, PacketInfo.BufferSize), slot.Local, isIPv4);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _messageTable.Dispose();
        _partTable.Dispose();
        _nameTable.Dispose();
        _controlBuffer.Dispose();
    }

    private static LinuxBatchHeaders Attach(DatagramBatch batch)
    {
        batch.Attachment?.Dispose();
        var headers = new LinuxBatchHeaders(batch);
        batch.Attachment = headers;
        return headers;
    }
}
