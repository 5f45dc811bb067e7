namespace DnsFlow.Zones.Transfer;

/// <summary>Why a primary gave no zone, said to people. Stays inside of this folder.</summary>
internal sealed class TransferException(string message, bool isOfIncrement = false, bool isOfMemory = false) : Exception(message)
{
    /// <summary>Whether only the incremental transfer failed, so that a whole one may succeed.</summary>
    public bool IsOfIncrement => isOfIncrement;

    /// <summary>Whether the zone is too large for the memory that zones have.</summary>
    public bool IsOfMemory => isOfMemory;
}
