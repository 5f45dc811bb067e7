using System.Diagnostics;

namespace DnsFlow.TestKit;

/// <summary>Waits for what another thread does.</summary>
public static class TestWait
{
    /// <summary>Asks until <paramref name="condition"/> holds; throws after ten seconds of real time.</summary>
    public static async Task Until(Func<bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(10))
            {
                throw new TimeoutException("It did not happen.");
            }

            await Task.Yield();
        }
    }
}
