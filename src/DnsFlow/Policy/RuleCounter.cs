using System.Numerics;

namespace DnsFlow.Policy;

/// <summary>
/// How often a rule has matched. Thread safe and exact. Shards that count the same rule at once do so in cells of their processors, or each would take the
/// cache line from the other at every query.
/// </summary>
public sealed class RuleCounter
{
    private const int MaxCells = 8;
    private const int LongsPerLine = 8;

    private static readonly int s_mask = Math.Min(MaxCells, (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)) - 1;

    private readonly long[] _cells = new long[(s_mask + 1) * LongsPerLine];

    /// <summary>The count since the process began.</summary>
    public long Count
    {
        get
        {
            var sum = 0L;
            for (var cell = 0; cell < _cells.Length; cell += LongsPerLine)
            {
                sum += Interlocked.Read(ref _cells[cell]);
            }

            return sum;
        }
    }

    /// <summary>Counts one match.</summary>
    public void Increment() => Interlocked.Increment(ref _cells[(Thread.GetCurrentProcessorId() & s_mask) * LongsPerLine]);
}
