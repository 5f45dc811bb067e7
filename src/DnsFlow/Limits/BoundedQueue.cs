namespace DnsFlow.Limits;

/// <summary>
/// A bounded queue from many threads to one, without locks (D. Vyukov's bounded queue: each cell has a turn number). When it is full,
/// adding fails at once; nothing waits.
/// </summary>
internal sealed class BoundedQueue<T>
    where T : class
{
    private readonly Cell[] _cells;
    private readonly int _mask;
    private long _head;
    private long _tail;

    /// <summary>Makes a queue of at least <paramref name="capacity"/> places.</summary>
    public BoundedQueue(int capacity)
    {
        _cells = new Cell[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, capacity))];
        _mask = _cells.Length - 1;
        for (var i = 0; i < _cells.Length; i++)
        {
            _cells[i].Turn = i;
        }
    }

    /// <summary>The number of places.</summary>
    public int Capacity => _cells.Length;

    /// <summary>How many items wait, as far as one can tell while others add.</summary>
    public int Count => (int)Math.Clamp(Volatile.Read(ref _tail) - Volatile.Read(ref _head), 0, Capacity);

    /// <summary>Adds an item unless fewer than <paramref name="reserve"/> places would stay free; false then.</summary>
    public bool TryEnqueue(T item, int reserve = 0)
    {
        if (reserve > 0 && Count >= Capacity - reserve)
        {
            return false;
        }

        while (true)
        {
            var tail = Volatile.Read(ref _tail);
            ref var cell = ref _cells[(int)tail & _mask];
            var turn = Volatile.Read(ref cell.Turn) - tail;
            if (turn < 0)
            {
                return false;
            }

            if (turn == 0 && Interlocked.CompareExchange(ref _tail, tail + 1, tail) == tail)
            {
                cell.Item = item;
                Volatile.Write(ref cell.Turn, tail + 1);
                return true;
            }
        }
    }

    /// <summary>Takes the oldest item; only one thread may take.</summary>
    public bool TryDequeue(out T item)
    {
        ref var cell = ref _cells[(int)_head & _mask];
        if (Volatile.Read(ref cell.Turn) != _head + 1)
        {
            item = null!;
            return false;
        }

        item = cell.Item!;
        cell.Item = null;
        Volatile.Write(ref cell.Turn, _head + _cells.Length);
        Volatile.Write(ref _head, _head + 1);
        return true;
    }

    private struct Cell
    {
        public long Turn;
        public T? Item;
    }
}
