using System.Buffers;
using System.Runtime.CompilerServices;

namespace DnsFlow.Limits;

/// <summary>
/// A pool that finds misuse: a buffer that is returned twice or was never rented here, and one that somebody wrote to after its return.
/// What is in the pool is poisoned, so that who reads too late reads nonsense and not yesterday's answer. Slow; for debug builds. Thread safe.
/// </summary>
internal sealed class CheckedBufferPool : ArrayPool<byte>
{
    /// <summary>What returned buffers are filled with.</summary>
    public const byte Poison = 0xA5;

    private readonly ArrayPool<byte> _pool = Create();      // its own: nobody else writes to what lies in it
    private readonly ConditionalWeakTable<byte[], State> _states = [];
    private long _faults;

    /// <summary>What was found so far.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Rents a poisoned buffer. Throws <see cref="InvalidOperationException"/> when it was written to while it lay in the pool.</summary>
    public override byte[] Rent(int minimumLength)
    {
        var buffer = _pool.Rent(minimumLength);
        if (!_states.TryGetValue(buffer, out var state))
        {
            _states.Add(buffer, new State { IsRented = 1 });
            buffer.AsSpan().Fill(Poison);
            return buffer;
        }

        Volatile.Write(ref state.IsRented, 1);
        return buffer.AsSpan().ContainsAnyExcept(Poison) ? throw Fault("A buffer was written to after its return.") : buffer;
    }

    /// <summary>Takes a buffer back. Throws <see cref="InvalidOperationException"/> when it is not rented from here.</summary>
    public override void Return(byte[] array, bool clearArray = false)
    {
        if (!_states.TryGetValue(array, out var state))
        {
            throw Fault("A buffer was returned that was never rented.");
        }

        if (Interlocked.Exchange(ref state.IsRented, 0) == 0)
        {
            throw Fault("A buffer was returned twice.");
        }

        array.AsSpan().Fill(Poison);
        _pool.Return(array);
    }

    private InvalidOperationException Fault(string message)
    {
        Interlocked.Increment(ref _faults);
        return new InvalidOperationException(message);
    }

    private sealed class State
    {
        public int IsRented;
    }
}
