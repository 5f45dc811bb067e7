using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DnsFlow.Limits;

/// <summary>
/// A large block of zeroed memory whose pages come from the system and go back to it at once, so that what is resident is what is in use. Where the system has huge pages, whole
/// ones are asked for: with small ones a read at a random place costs as much again for finding the page. Whoever reads it keeps the object alive meanwhile.
/// </summary>
internal sealed unsafe partial class PageBuffer : IDisposable
{
    private const int HugePage = 2 << 20;
    private const int ReadWrite = 3, PrivateAnonymousNoReserve = 0x4022, AdviceHugePage = 14, AdviceCollapse = 25;

    // In 32 bits addresses are scarce and the offset's type differs between C libraries.
    private static readonly bool s_isMapped = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    private byte* _memory;
    private long _pressure;

    private PageBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        if (!s_isMapped)
        {
            _memory = (byte*)NativeMemory.AllocZeroed((nuint)length);
            return;
        }

        var memory = Map(0, (nuint)length, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        _memory = memory == -1 ? throw new InsufficientMemoryException($"The system has no {length:N0} octets.") : (byte*)memory;
    }

    /// <summary>Frees the memory if its owner did not.</summary>
    ~PageBuffer() => Free();

    /// <summary>The size in octets.</summary>
    public long Length { get; private set; }

    /// <summary>Asks for memory that is going to be used whole. Throws <see cref="InsufficientMemoryException"/> when there is none.</summary>
    public static PageBuffer Of(long length)
    {
        var buffer = new PageBuffer(length);
        buffer.UseHugePages();
        buffer.Press();
        return buffer;
    }

    /// <summary>Asks for addresses of which so much may be used, until <see cref="Keep"/> gives back what was not; what is not written to takes no memory.</summary>
    public static PageBuffer Reserve(long most) => new(most);

    /// <summary>Gives back what lies behind the first <paramref name="length"/> octets. No span from before may be used any more.</summary>
    public void Keep(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (s_isMapped)
        {
            var kept = RoundUp(length, Environment.SystemPageSize);
            if (kept < RoundUp(Length, Environment.SystemPageSize))
            {
                _ = Unmap((nint)_memory + (nint)kept, (nuint)(RoundUp(Length, Environment.SystemPageSize) - kept));
            }
        }
        else
        {
            _memory = (byte*)NativeMemory.Realloc(_memory, (nuint)length);
        }

        Length = length;
        UseHugePages();
        Press();
    }

    /// <summary>A part of the octets; throws when it is not inside the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Slice(long offset, int length)
    {
        if ((ulong)offset > (ulong)Length || (ulong)length > (ulong)(Length - offset))
        {
            ThrowOutside();
        }

        return new Span<byte>(_memory + offset, length);
    }

    /// <summary>The octets from an offset on; throws when it is not inside the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> From(long offset)
    {
        if ((ulong)offset > (ulong)Length)
        {
            ThrowOutside();
        }

        return new Span<byte>(_memory + offset, (int)Math.Min(Length - offset, int.MaxValue));
    }

    /// <summary>Asks the processor to load the cache line at an offset. Any offset is allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long offset)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(_memory + offset);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static long RoundUp(long length, long size) => (length + size - 1) / size * size;

    private static void ThrowOutside() => throw new ArgumentOutOfRangeException("offset");

    /// <summary>Makes the huge pages that lie whole inside of the block; the rest would be resident for nothing. Only a wish: a system without them says no.</summary>
    private void UseHugePages()
    {
        var first = (nint)RoundUp((nint)_memory, HugePage);
        var length = ((nint)_memory + (nint)Length - first) / HugePage * HugePage;
        if (s_isMapped && length > 0 && Advise(first, (nuint)length, AdviceHugePage) == 0)
        {
            _ = Advise(first, (nuint)length, AdviceCollapse);
        }
    }

    /// <summary>Lets the collector know what the object holds, so that it comes in time for one that is out of use.</summary>
    private void Press()
    {
        _pressure = Length;
        GC.AddMemoryPressure(_pressure);
    }

    private void Free()
    {
        if (_memory is null)
        {
            return;
        }

        if (s_isMapped)
        {
            _ = Unmap((nint)_memory, (nuint)Length);
        }
        else
        {
            NativeMemory.Free(_memory);
        }

        _memory = null;
        Length = 0;
        if (_pressure > 0)
        {
            GC.RemoveMemoryPressure(_pressure);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
