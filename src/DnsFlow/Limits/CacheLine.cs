using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DnsFlow.Limits;

/// <summary>Hints to the processor about memory that is read soon.</summary>
internal static unsafe class CacheLine
{
    /// <summary>Asks for the line that holds <paramref name="place"/>. Only a hint: the garbage collector may move the place before it is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(ref readonly byte place)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));
        }
    }
}
