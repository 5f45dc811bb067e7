using DnsFlow.Limits;
using DnsFlow.Queries;
using DnsFlow.Server.Plans;

namespace DnsFlow.Server.QueryLogs;

/// <summary>
/// Decisions on their way from the threads that decide to the one that writes: bounded, without locks (as <see cref="BoundedQueue{T}"/>, of values). When it
/// is full they are dropped and counted; nothing waits.
/// </summary>
internal sealed class QueryLogQueue
{
    /// <summary>How many decisions may wait.</summary>
    public const int Capacity = 8_192;

    /// <summary>How many queries that were turned away are noted in a second: a flood of them must not take the place of those that were answered.</summary>
    public const int MaxShedPerSecond = 100;

    private readonly Cell[] _cells = new Cell[Capacity];
    private long _head;
    private long _tail;
    private long _dropped;
    private long _second = -1;
    private int _shedNoted;

    /// <summary>Makes an empty queue.</summary>
    public QueryLogQueue()
    {
        for (var i = 0; i < Capacity; i++)
        {
            _cells[i].Turn = i;
        }
    }

    /// <summary>How many wait, as far as one can tell while others add.</summary>
    public int Count => (int)Math.Clamp(Volatile.Read(ref _tail) - Volatile.Read(ref _head), 0, Capacity);

    /// <summary>What did not become a line.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Lines were lost for another reason.</summary>
    public void Drop(int count) => Interlocked.Add(ref _dropped, count);

    /// <summary>Whether a query that was turned away may be noted; else it is counted as dropped. <paramref name="now"/> is monotonic, in microseconds. Any thread.</summary>
    public bool MayNoteShed(long now)
    {
        // Threads that begin a second at once may note a few more or less.
        var second = now / MonotonicClock.Second;
        if (Volatile.Read(ref _second) != second && Interlocked.Exchange(ref _second, second) != second)
        {
            Volatile.Write(ref _shedNoted, 0);
        }

        if (Volatile.Read(ref _shedNoted) < MaxShedPerSecond && Interlocked.Increment(ref _shedNoted) <= MaxShedPerSecond)
        {
            return true;
        }

        Drop(1);
        return false;
    }

    /// <summary>Adds a line. Any thread.</summary>
    public void Add(EngineLog names, in QueryContext context, LoggedResult result, ShedReason reason = default)
    {
        while (true)
        {
            var tail = Volatile.Read(ref _tail);
            ref var cell = ref _cells[(int)tail & (Capacity - 1)];
            var turn = Volatile.Read(ref cell.Turn) - tail;
            if (turn < 0)
            {
                Drop(1);
                return;
            }

            if (turn == 0 && Interlocked.CompareExchange(ref _tail, tail + 1, tail) == tail)
            {
                Fill(ref cell.Query, names, context, result, reason);
                Volatile.Write(ref cell.Turn, tail + 1);
                return;
            }
        }
    }

    /// <summary>Takes the oldest decision; one thread alone.</summary>
    public bool TryTake(out LoggedQuery query)
    {
        ref var cell = ref _cells[(int)_head & (Capacity - 1)];
        if (Volatile.Read(ref cell.Turn) != _head + 1)
        {
            query = default;
            return false;
        }

        query = cell.Query;
        (cell.Query.Names, cell.Query.List) = (null, default);      // a list or plan that is gone must not be held on to
        Volatile.Write(ref cell.Turn, _head + Capacity);
        Volatile.Write(ref _head, _head + 1);
        return true;
    }

    private static void Fill(ref LoggedQuery query, EngineLog names, in QueryContext context, LoggedResult result, ShedReason reason)
    {
        query.Names = names;
        query.Now = context.Now;
        query.Flow = context.Flow;
        query.Type = context.Query.Type;
        query.Class = context.Query.Class;
        query.Result = result;
        query.Reason = reason;
        query.Outcome = context.Outcome;
        query.Code = context.ResponseCode;
        query.Decision = context.Decision;
        query.Group = context.Target.Group;
        query.List = context.ListMatch;
        query.NameLength = context.Name.Length;
        context.Name.CopyTo(query.Name);
    }

    private struct Cell
    {
        public long Turn;
        public LoggedQuery Query;
    }
}
