using DnsFlow.Limits;
using DnsFlow.Settings;

namespace DnsFlow.Server.Plans;

/// <summary>
/// The sets of defaults that <c>Limits:Profile</c> names; every key that is written wins over them. Without a name it is <c>small</c> where the
/// system leaves the process less than <see cref="SmallBelow"/>, so that a small container needs no configuration.
/// </summary>
internal static class LimitProfiles
{
    /// <summary>Below so many octets for the process the profile <c>small</c> is the default.</summary>
    public const long SmallBelow = 128L << 20;

    private const long LeastMemory = 16L << 20;

    private static readonly Dictionary<string, Action<ProxyOptions>> s_profiles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["general"] = static _ => { },
        ["small"] = MakeSmall,
    };

    /// <summary>Gives options the defaults of the profile that is written, or of the one that fits <paramref name="available"/> octets.</summary>
    public static void Apply(ProxyOptions options, SettingsReader reader, long available)
    {
        var name = available < SmallBelow ? "small" : "general";
        var written = reader.Child("Limits").Child("Profile").At("", new SettingsErrors());      // a wrong name is noted when the key itself is read
        if (written.TryReadValue(LimitSettings.ProfileName, out var chosen))
        {
            name = chosen;
        }

        options.Limits.Profile = name;
        s_profiles[name](options);
    }

    /// <summary>Cuts <c>Limits:Memory</c> to two thirds of what there is: the rest is for the program itself.</summary>
    public static void Cap(ProxyOptions options, long available)
        => options.Limits.Memory = Math.Min(options.Limits.Memory, Math.Max(LeastMemory, available / 3 * 2));

    /// <summary>What fits a cgroup of 50 MiB.</summary>
    private static void MakeSmall(ProxyOptions options)
    {
        options.Limits.Memory = 24L << 20;
        options.Limits.Flows = 4_096;
        options.Limits.StreamFlows = 512;
        options.Limits.InFlight = 2_048;
        options.Limits.InFlightPerGroup = 1_024;
        options.Limits.PerFlow.InFlight = 32;
        options.Limits.PerFlow.QueuedBytes = 64 << 10;
        options.Cache.MaxBytes = 8L << 20;
    }
}
