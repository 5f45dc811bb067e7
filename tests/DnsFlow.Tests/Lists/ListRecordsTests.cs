using DnsFlow.Lists;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Lists;

public sealed class ListRecordsTests
{
    [Fact]
    public void TryAdd_UntilFull_StaysWithinTwoBlocksAndKeepsWhatIsThere()
    {
        using var records = new ListRecords(maxBytes: 1);
        var name = Wire.Name("host.example");
        var numbers = new List<uint>();
        while (records.TryAdd(EntryFlags.HasDetail, (uint)numbers.Count, numbers.Count, name, out var number))
        {
            numbers.Add(number);
        }

        Assert.Equal(2, records.Blocks);
        Assert.InRange(records.Bytes, 1 << 20, 2 << 20);
        records.Complete();
        Assert.False(records.TryAdd(EntryFlags.None, 0, 0, name, out _));
        Assert.Equal(numbers, Numbers(records));
        Assert.Equal((uint)numbers.Count - 1, ListRecords.Place(records.At(numbers[^1])));
        Assert.Equal(numbers.Count - 1, DetailTable.NumberIn(records.At(numbers[^1])));
    }

    [Fact]
    public void Complete_WithoutRecords_IsEmpty()
    {
        using var records = new ListRecords(maxBytes: 1 << 20);
        records.Complete();
        Assert.Equal((0, 0L), (records.Blocks, records.Bytes));
        Assert.Empty(Numbers(records));
    }

    private static List<uint> Numbers(ListRecords records)
    {
        var numbers = new List<uint>();
        records.ForEachName((_, number) => numbers.Add(number));
        return numbers;
    }
}
