using DnsFlow.Flows;

namespace DnsFlow.Copying;

/// <summary>Who copies a claimed stream flow, as the plane sees it.</summary>
internal interface IStreamCopier
{
    /// <summary>The flow.</summary>
    StreamFlow Flow { get; }

    /// <summary>When something last went either way, in microseconds.</summary>
    long LastActive { get; }

    /// <summary>Queries whose response is still to come.</summary>
    int InFlight { get; }

    /// <summary>Octets of responses that the client has not taken yet.</summary>
    int Unsent { get; }

    /// <summary>The last response.</summary>
    LastAnswer LastAnswer { get; }

    /// <summary>Whether nothing is in flight, so that ending the flow loses nothing.</summary>
    bool IsIdle { get; }

    /// <summary>Ends the flow when one of its times is over. Returns whether it did.</summary>
    bool CheckTime(long now, long idleTime);

    /// <summary>The provider stops: nothing more is read, what was asked is still answered.</summary>
    void Stop();
}
