namespace DnsFlow.Limits;

/// <summary>A share of <see cref="LimitOptions.Memory"/> with a hard bound: what does not fit is refused at once, and whoever asked sheds. Thread safe.</summary>
/// <param name="maxBytes">The most octets in use at once.</param>
internal sealed class MemoryPool(long maxBytes)
{
    private long _usedBytes;

    /// <summary>A pool without a bound, for who copies by himself.</summary>
    public static MemoryPool Unbounded { get; } = new(long.MaxValue);

    /// <summary>The bound in octets.</summary>
    public long MaxBytes => maxBytes;

    /// <summary>Octets in use.</summary>
    public long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>Takes room for so many octets that lie elsewhere; false when there is not so much. Give it back with <see cref="Give"/>.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _usedBytes, bytes) <= maxBytes)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    /// <summary>Gives room back.</summary>
    public void Give(int bytes) => Interlocked.Add(ref _usedBytes, -bytes);

    /// <summary>Rents a buffer of at least so many octets out of the pool; null when the pool has no room for it. Give it back with <see cref="Return"/>.</summary>
    public byte[]? TryRent(int minimumLength)
    {
        var buffer = Buffers.Rent(minimumLength);
        if (Interlocked.Add(ref _usedBytes, buffer.Length) <= maxBytes)
        {
            return buffer;
        }

        Return(buffer);
        return null;
    }

    /// <summary>Gives a rented buffer back.</summary>
    public void Return(byte[] buffer)
    {
        Interlocked.Add(ref _usedBytes, -buffer.Length);
        Buffers.Return(buffer);
    }
}
