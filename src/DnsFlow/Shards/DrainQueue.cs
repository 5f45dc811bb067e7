using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Shards;

/// <summary>
/// Responses that wait their turn: whoever can make many answers ready in one moment must not be able to send them all to somebody in that moment
/// (DNSBomb, CVE-2024-33655). Each keeps its waiter's place, which bounds them. Allocates for what waits only.
/// </summary>
internal sealed class DrainQueue(ClientTable clients, WaiterTable waiters)
{
    private readonly Queue<Held> _held = new();

    /// <summary>Responses that wait.</summary>
    public int Count => _held.Count;

    /// <summary>Whether a response may leave now; false: it was taken over.</summary>
    public bool MayLeave(int waiter, ReadOnlySpan<byte> response, QueryOutcome outcome, ResponseCode code, long now)
    {
        if (clients.TryTakeAnswer(waiters[waiter].Client, now))
        {
            return true;
        }

        _held.Enqueue(new Held(waiter, response.ToArray(), outcome, code));
        return false;
    }

    /// <summary>Gives out what may leave now; with <paramref name="all"/> everything, for the proxy stops.</summary>
    public void Drain(Action<Held, long> send, long now, bool all = false)
    {
        for (var i = _held.Count; i > 0; i--)
        {
            var held = _held.Dequeue();
            if (all || clients.TryTakeAnswer(waiters[held.Waiter].Client, now))
            {
                send(held, now);
            }
            else
            {
                _held.Enqueue(held);
            }
        }
    }

    /// <summary>Milliseconds until something may leave; -1 = nothing waits.</summary>
    public int MillisecondsToNext(long now)
        => _held.Count == 0 ? -1 : (int)((ClientTable.DrainWindow - (now % ClientTable.DrainWindow) + MonotonicClock.Millisecond - 1) / MonotonicClock.Millisecond);

    /// <summary>A response that waits.</summary>
    internal readonly record struct Held(int Waiter, byte[] Response, QueryOutcome Outcome, ResponseCode Code);
}
