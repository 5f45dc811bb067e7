using DnsFlow.Limits;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Limits;

public sealed class HashIndexTests
{
    [Fact]
    public void Find_AfterAnyMixOfAddsAndRemoves_SeesWhatADictionarySees() =>
        Prop.ForAll<(byte Hash, byte Slot)[]>(steps =>
        {
            using var index = new HashIndex(256);
            var model = new HashSet<(ulong Hash, int Slot)>();
            foreach (var (rawHash, slot) in steps)
            {
                var key = ((ulong)(rawHash & 15), (int)slot);       // few hashes: long runs, many collisions
                if (model.Remove(key))
                {
                    index.Remove(key.Item1, key.Item2);
                }
                else if (!model.Any(entry => entry.Slot == slot))
                {
                    model.Add(key);
                    index.Add(key.Item1, key.Item2);
                }
            }

            return Enumerable.Range(0, 16).All(hash => Slots(index, (ulong)hash).SetEquals(model.Where(e => e.Hash == (ulong)hash).Select(e => e.Slot)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Remove_SlotThatWasNeverAdded_Throws()
    {
        using var index = new HashIndex(8);
        index.Add(1, 0);
        Assert.Throws<InvalidOperationException>(() => index.Remove(1, 1));
    }

    private static HashSet<int> Slots(HashIndex index, ulong hash)
    {
        var found = new HashSet<int>();
        var probe = index.Find(hash);
        while (probe.Next(out var slot))
        {
            found.Add(slot);
        }

        return found;
    }
}
