namespace DnsFlow.Queries;

/// <summary>The upstream group a query goes to.</summary>
/// <param name="Group">The group's index in the plan; -1 = none chosen.</param>
/// <param name="Partition">The number that keeps the group's cached responses apart; the same for a group of the same name as long as the process lives.</param>
public readonly record struct ForwardTarget(int Group, uint Partition)
{
    /// <summary>No group.</summary>
    public static ForwardTarget None => new(-1, 0);
}
