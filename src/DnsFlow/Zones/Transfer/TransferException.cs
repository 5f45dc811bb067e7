namespace DnsFlow.Zones.Transfer;

/// <summary>Why a primary gave no zone, said to people. Stays inside of this folder.</summary>
internal sealed class TransferException(string message, bool isOfIncrement = false) : Exception(message)
{
    /// <summary>Whether only the incremental transfer failed, so that a whole one may succeed.</summary>
    public bool IsOfIncrement => isOfIncrement;
}
