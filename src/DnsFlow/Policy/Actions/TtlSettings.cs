using System.Diagnostics.CodeAnalysis;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary>The one key of actions that answer negatively: how long clients may keep the answer.</summary>
internal sealed class TtlSettings
{
    /// <summary>The key.</summary>
    public static SettingsShape<TtlSettings> Shape { get; } = new SettingsShape<TtlSettings>("Answers negatively.")
        .Value("Ttl", PolicySettings.Ttl, static (o, v) => o.Ttl = v, "How long clients may keep the answer; Blocking:Ttl unless set.");

    private TimeSpan Ttl { get; set; }

    /// <summary>Reads the key and makes the response; false when the key is wrong (noted).</summary>
    public static bool TryRead(QueryActionContext context, [NotNullWhen(true)] out NegativeResponse? response)
    {
        var settings = new TtlSettings { Ttl = context.Blocking.Ttl };
        response = context.TryRead(Shape, settings) ? new NegativeResponse(settings.Ttl) : null;
        return response is not null;
    }
}
