using DnsFlow.Limits;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>All queries in flight of a shard, bounded: the slots, the question of each in the asker's letter case, and the requests of stream flows.</summary>
internal sealed class WaiterTable : IDisposable
{
    /// <summary>Room for the longest question: name, type, class.</summary>
    public const int QuestionSize = 260;

    private readonly NativeTable<WaiterSlot> _slots;
    private readonly NativeBuffer _questions;
    private readonly ForwardRequest?[] _requests;
    private int _free = -1;
    private int _fresh;
    private int _count;

    /// <summary>Makes a table of <paramref name="capacity"/> waiters.</summary>
    public WaiterTable(int capacity)
    {
        _slots = new NativeTable<WaiterSlot>(capacity);
        _questions = new NativeBuffer(capacity * QuestionSize);
        _requests = new ForwardRequest?[capacity];
    }

    /// <summary>Queries in flight: places that only keep a question do not count. Any thread may read it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The size in octets.</summary>
    public long Bytes => _slots.Bytes + _questions.Length;

    /// <summary>A waiter's slot.</summary>
    public ref WaiterSlot this[int waiter] => ref _slots[waiter];

    /// <summary>The question as its asker wrote it.</summary>
    public ReadOnlySpan<byte> Question(int waiter) => _questions.Slice(waiter * QuestionSize, _slots[waiter].QuestionLength);

    /// <summary>The request of a stream flow; null for a datagram.</summary>
    public ForwardRequest? Request(int waiter) => _requests[waiter];

    /// <summary>Asks the processor to load a waiter's slot and question.</summary>
    public void Prefetch(int waiter)
    {
        _slots.PrefetchWhole(waiter);
        _questions.Prefetch(waiter * QuestionSize);
    }

    /// <summary>Takes a slot; -1 when as many queries are in flight as may be.</summary>
    public int Take(in WaiterSlot asker, ReadOnlySpan<byte> question, ForwardRequest? request)
    {
        var waiter = _free >= 0 ? _free : _fresh < _slots.Length ? _fresh++ : -1;
        if (waiter < 0)
        {
            return -1;
        }

        if (waiter == _free)
        {
            _free = _slots[waiter].Next;
        }

        _slots[waiter] = asker;
        _slots[waiter].Next = -1;
        _slots[waiter].QuestionLength = (ushort)question.Length;
        question.CopyTo(_questions.Slice(waiter * QuestionSize, QuestionSize));
        _requests[waiter] = request;
        Volatile.Write(ref _count, _count + (asker.Flow == WaiterSlot.Nobody ? 0 : 1));
        return waiter;
    }

    /// <summary>Gives a slot back.</summary>
    public void Release(int waiter)
    {
        _requests[waiter] = null;
        _slots[waiter].Next = _free;
        _free = waiter;
        Volatile.Write(ref _count, _count - (_slots[waiter].Flow == WaiterSlot.Nobody ? 0 : 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _questions.Dispose();
    }
}
