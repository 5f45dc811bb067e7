using DnsFlow.Server.Listening;
using DnsFlow.Settings;

namespace DnsFlow.Server.Plans;

/// <summary>
/// One change of configuration: the candidate is built whole beside what is in force, judged and warmed, and then takes its place; or it is refused with
/// everything that is wrong, and nothing has changed.
/// </summary>
/// <param name="running">What runs.</param>
/// <param name="inForce">The options in force.</param>
/// <param name="builder">Compiles plans.</param>
/// <param name="encryption">Reads certificates.</param>
/// <param name="inputs">What a plan is compiled with, for a base folder and the listeners it will have.</param>
internal sealed class Reload(RunningProxy running, ProxyOptions inForce, PlanBuilder builder, EncryptionLoader encryption, Func<string, ListenerSet, PlanInputs> inputs)
{
    /// <summary>
    /// Judges a candidate and, with <paramref name="applies"/>, puts it in force. <paramref name="onSwap"/> is called with the plan in the moment it takes
    /// its place.
    /// </summary>
    public async Task<ReloadReport> RunAsync(Candidate candidate, int generation, bool applies, Action<ProxyPlan> onSwap)
    {
        var certificates = encryption.Load(candidate, makesFiles: applies);
        if (candidate.Errors.Any)
        {
            return ReloadReport.Refused(generation, candidate.Errors.Lines);
        }

        candidate.Options.KeepFromStart(running.StartOptions);
        try
        {
            var change = await running.PrepareAsync(candidate.Options, certificates).ConfigureAwait(false);
            var plan = builder.Build(candidate.Options, inputs(candidate.BaseFolder, change.Next), candidate.Errors);
            if (plan is null || !applies)
            {
                await running.UndoAsync().ConfigureAwait(false);
                if (plan is null)
                {
                    return ReloadReport.Refused(generation, candidate.Errors.Lines);
                }

                plan.DisposeExcept(running.Plan);
                await plan.Transfers.DisposeAsync().ConfigureAwait(false);
                return Report(candidate, change, plan, generation);
            }

            var report = Report(candidate, change, plan, generation + 1);
            PlanWarmth.Warm(plan);
            onSwap(plan);
            await running.ChangeAsync(plan, change).ConfigureAwait(false);
            builder.Settle(plan);
            return report;
        }
        catch (ServerStartException exception)
        {
            return ReloadReport.Refused(generation, exception.Message.Split('\n'));
        }
        catch (Exception exception)
        {
            // Whatever it was: a service that answers goes on to answer.
            await running.UndoAsync().ConfigureAwait(false);
            return ReloadReport.Refused(generation, exception.Message.ReplaceLineEndings(" "));
        }
    }

    private ReloadReport Report(Candidate candidate, ListenerChange change, ProxyPlan plan, int generation) => new()
    {
        Generation = generation,
        Changes = SettingsDiff.Compare(ProxySettings.Shape, inForce.Tree, candidate.Options.Tree),
        Listeners =
        [
            .. Addresses(running.Listeners).Except(Addresses(change.Next)).Select(static address => "- " + address),
            .. Addresses(change.Next).Except(Addresses(running.Listeners)).Select(static address => "+ " + address),
        ],
        ForgottenGroups =
        [
            .. plan.Groups.Where(group => running.Groups.Any(earlier => earlier.Name == group.Name && earlier.Partition != group.Partition)).Select(static group => group.Name),
        ],
    };

    private static IEnumerable<string> Addresses(ListenerSet listeners)
        => listeners.Bound.SelectMany(static bound => bound.Summarize().Transports.Select(transport => $"{transport}://{bound.Address}"));
}
