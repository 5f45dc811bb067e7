using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DnsFlow.Limits;

/// <summary>A fixed-size table of unmanaged values in zeroed native memory. One owner; no locks.</summary>
/// <typeparam name="T">The slot.</typeparam>
public sealed unsafe class NativeTable<T> : IDisposable
    where T : unmanaged
{
    private void* _memory;
    private T* _slots;

    /// <summary>Makes a table of <paramref name="length"/> zeroed slots, aligned to cache lines.</summary>
    public NativeTable(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        _memory = NativeMemory.AllocZeroed((nuint)length * (nuint)sizeof(T) + 64);
        _slots = (T*)(((nuint)_memory + 63) & ~(nuint)63);
    }

    /// <summary>Frees the memory if its owner did not.</summary>
    ~NativeTable() => NativeMemory.Free(_memory);

    /// <summary>The number of slots.</summary>
    public int Length { get; }

    /// <summary>The size of the table in octets.</summary>
    public long Bytes => (long)Length * sizeof(T);

    /// <summary>The slot at <paramref name="index"/>; throws when it is outside the table.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)Length)
            {
                ThrowOutside();
            }

            return ref _slots[index];
        }
    }

    /// <summary>Asks the processor to load a slot's cache line. Any index is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int index)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(_slots + index);
        }
    }

    /// <summary>Asks the processor to load the cache lines a slot lies in, three at most. Any index is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchWhole(int index)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            var first = (byte*)(_slots + index);
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(first);
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(first + 64);
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(first + Math.Min(sizeof(T) - 1, 128));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        _slots = null;
        GC.SuppressFinalize(this);
    }

    private static void ThrowOutside() => throw new ArgumentOutOfRangeException("index");
}
