using System.Runtime.CompilerServices;

namespace DnsFlow.Zones;

/// <summary>The proofs that a response needs, each once, until its answer section is complete. A plain value on the stack.</summary>
internal struct ProofList
{
    private Slots _slots;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The proof at an index.</summary>
    public readonly ZoneProof this[int index] => _slots[index].Proof!;

    /// <summary>The length of the apex of the proof's zone.</summary>
    public readonly int ApexLength(int index) => _slots[index].ApexLength;

    /// <summary>Where in the response the apex of the proof's zone stands.</summary>
    public readonly int Apex(int index) => _slots[index].Apex;

    /// <summary>Adds a proof unless it is null or there already; one too many is left out.</summary>
    public void Add(ZoneProof? proof, int apexLength, int apex)
    {
        if (proof is null || Count == Slots.Length)
        {
            return;
        }

        for (var i = 0; i < Count; i++)
        {
            if (_slots[i].Proof == proof)
            {
                return;
            }
        }

        _slots[Count++] = new Slot { Proof = proof, ApexLength = apexLength, Apex = apex };
    }

    private struct Slot
    {
        public ZoneProof? Proof;
        public int ApexLength;
        public int Apex;
    }

    /// <summary>One for each alias by a wildcard, and three for the end.</summary>
    [InlineArray(Length)]
    private struct Slots
    {
        public const int Length = ZoneResponder.MaxAliases + 3;

        private Slot _first;
    }
}
