using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DnsFlow.Limits;

/// <summary>
/// A block of zeroed native memory. It is asked for as fresh pages, so a large table costs memory only where it is touched, and the
/// garbage collector never looks at it.
/// </summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    private void* _memory;

    /// <summary>Asks for <paramref name="length"/> octets. Throws <see cref="OutOfMemoryException"/> when there are none.</summary>
    public NativeBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _memory = NativeMemory.AllocZeroed((nuint)Math.Max(length, 1));
    }

    /// <summary>Frees the memory if its owner did not.</summary>
    ~NativeBuffer() => NativeMemory.Free(_memory);

    /// <summary>The size in octets.</summary>
    public int Length { get; }

    /// <summary>The address of the first octet, for system calls. Valid until <see cref="Dispose"/>.</summary>
    public nint Address => (nint)_memory;

    /// <summary>All octets.</summary>
    public Span<byte> Span => new(_memory, Length);

    /// <summary>A part of the octets; throws when it is not inside the block.</summary>
    public Span<byte> Slice(int offset, int length)
    {
        if ((uint)offset > (uint)Length || (uint)length > (uint)(Length - offset))
        {
            throw new ArgumentOutOfRangeException(nameof(offset));
        }

        return new Span<byte>((byte*)_memory + offset, length);
    }

    /// <summary>Asks the processor to load three cache lines from an offset on. Any offset is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int offset)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            var first = (byte*)_memory + offset;
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(first);
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(first + 64);
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(first + 128);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        GC.SuppressFinalize(this);
    }
}
