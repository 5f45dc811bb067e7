namespace DnsFlow.Flows;

/// <summary>Names a process for good: ids are used again, so the start time belongs to it.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="StartTicks">When the process started, in clock ticks since the system did.</param>
public readonly record struct ProcessToken(int Pid, long StartTicks);
