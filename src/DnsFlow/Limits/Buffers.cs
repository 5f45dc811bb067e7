namespace DnsFlow.Limits;

/// <summary>
/// The one place where buffers are rented, so that what is rented can be counted and checked. A debug build poisons what comes back and finds
/// buffers that come back twice (<see cref="CheckedBufferPool"/>); a release build is the framework's shared pool and a counter. Thread safe.
/// </summary>
internal static class Buffers
{
#if DEBUG
    private static readonly CheckedBufferPool s_pool = new();

    /// <summary>Whether this build checks its buffers.</summary>
    public static bool AreChecked => true;

    /// <summary>Wrong returns and writes found so far; each was an exception too, which somebody may have caught.</summary>
    public static long Faults => s_pool.Faults;
#else
    private static readonly System.Buffers.ArrayPool<byte> s_pool = System.Buffers.ArrayPool<byte>.Shared;

    /// <summary>Whether this build checks its buffers.</summary>
    public static bool AreChecked => false;

    /// <summary>Wrong returns and writes found so far; always 0 here.</summary>
    public static long Faults => 0;
#endif

    private static long s_rentedBytes;

    /// <summary>Octets that are rented now, the slack of each buffer counted.</summary>
    public static long RentedBytes => Interlocked.Read(ref s_rentedBytes);

    /// <summary>Rents a buffer of at least so many octets, with anything in it. Give it back with <see cref="Return"/>, once.</summary>
    public static byte[] Rent(int minimumLength)
    {
        var buffer = s_pool.Rent(minimumLength);
        Interlocked.Add(ref s_rentedBytes, buffer.Length);
        return buffer;
    }

    /// <summary>Gives a rented buffer back; nobody may touch it any more.</summary>
    public static void Return(byte[] buffer)
    {
        s_pool.Return(buffer);
        Interlocked.Add(ref s_rentedBytes, -buffer.Length);
    }
}
