namespace DnsFlow.Upstreams;

/// <summary>
/// The mirrored questions in flight: so few that a second group which is slow or dead takes no place that others need. What it answers is ignored; its statistics have it.
/// Thread safe.
/// </summary>
internal sealed class MirroredQuestions : IForwardReceiver
{
    /// <summary>The most mirrored questions in flight.</summary>
    public const int MaxInFlight = 256;

    private int _inFlight;
    private long _shed;

    /// <summary>Mirrored questions in flight.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Questions that were not mirrored, because as many as may be are in flight or a queue was full.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Takes a place; false, and counted, when all are taken.</summary>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _inFlight) <= MaxInFlight)
        {
            return true;
        }

        GiveUp();
        return false;
    }

    /// <summary>The question could not be asked.</summary>
    public void GiveUp()
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _shed);
    }

    /// <inheritdoc/>
    public void Deliver(ForwardRequest request, in ForwardedResponse response) => Interlocked.Decrement(ref _inFlight);
}
