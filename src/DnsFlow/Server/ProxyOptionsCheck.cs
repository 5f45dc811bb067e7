using System.Globalization;
using System.Net;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Names;
using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Settings;
using DnsFlow.Upstreams;
using DnsFlow.Zones;

namespace DnsFlow.Server;

/// <summary>Notes what does not fit together in options that are right one by one.</summary>
internal sealed class ProxyOptionsCheck(ProxyOptions options, SettingsErrors errors)
{
    private readonly ConfiguredEndpoints _listening = new();

    /// <summary>Checks everything.</summary>
    public void Run(QueryActionCatalog actions)
    {
        CheckListeners();
        CheckUpstreams();
        CheckZones();
        CheckLists();
        CheckTimes();
        CheckMemory();
        CheckStats();
        CheckQueryLog();
        CheckClients();
        CheckSchedules();
        CheckRules(actions);
    }

    private void CheckListeners()
    {
        var withoutEndpoints = default(string);
        foreach (var (name, listener) in options.Listeners)
        {
            if (listener.Endpoints.Count == 0)
            {
                if (withoutEndpoints is not null)
                {
                    errors.Add(Path("Listeners", name, "Endpoints"), $"is missing; only one listener can have the default ones, '{withoutEndpoints}' has");
                }

                withoutEndpoints ??= name;
            }

            CheckEncryption(name, listener);
            for (var i = 0; i < listener.Endpoints.Count; i++)
            {
                foreach (var endpoint in ListenText.Parse(listener.Endpoints[i]))
                {
                    if (_listening.Add(name, endpoint) is { } other)
                    {
                        errors.Add(Path("Listeners", name, "Endpoints", Number(i)), $"the listener '{other}' has this address already");
                    }
                }
            }
        }
    }

    private void CheckEncryption(string name, ListenerOptions listener)
    {
        var first = listener.Endpoints.FirstOrDefault(static text => ListenText.Parse(text).Any(static endpoint => endpoint.HasTls || endpoint.HasHttps));
        if (first is not null && listener is { Certificate: null, SelfSigned: false })
        {
            errors.Add(Path("Listeners", name, "Certificate"), $"a certificate is missing for {first}; give Certificate and Key, or SelfSigned");
        }
        else if (first is null && (listener.Certificate is not null || listener.SelfSigned))
        {
            errors.Add(Path("Listeners", name, "Certificate"), "is for tls:// and https://, and this listener has neither");
        }

        if (first is null && listener.ClientAuthorities is not null)
        {
            errors.Add(Path("Listeners", name, "ClientAuthorities"), "is for tls:// and https://, and this listener has neither");
        }

        for (var i = 0; i < listener.MoreCertificates.Count; i++)
        {
            if (listener.MoreCertificates[i].Certificate is null)
            {
                errors.Add(Path("Listeners", name, "MoreCertificates", Number(i)), "has no Certificate");
            }
        }

        if (listener is { Certificate: null, Key: not null })
        {
            errors.Add(Path("Listeners", name, "Key"), "is the key of a Certificate, and there is none");
        }
    }

    private void CheckUpstreams()
    {
        foreach (var (name, group) in options.Upstreams)
        {
            if (group.Servers.Count == 0 && !errors.HasBelow(Path("Upstreams", name, "Servers")))
            {
                errors.Add(Path("Upstreams", name, "Servers"), "a server is missing; allowed: 9.9.9.9, udp://[2620:fe::fe]:53, tcp://9.9.9.9, system:");
            }

            for (var i = 0; i < group.Servers.Count; i++)
            {
                CheckServer(Path("Upstreams", name, "Servers", Number(i)), group, i);
            }

            if (options.QueryRules.Count == 0 && !string.Equals(name, ProxyOptions.DefaultGroup, StringComparison.OrdinalIgnoreCase))
            {
                errors.Add(Path("Upstreams", name), $"no query rule forwards to '{name}'; call it '{ProxyOptions.DefaultGroup}', or add QueryRules");
            }
        }
    }

    private void CheckServer(string path, UpstreamGroupOptions group, int index)
    {
        var servers = group.Servers;
        for (var i = 0; i < index; i++)
        {
            if (string.Equals(servers[i], servers[index], StringComparison.OrdinalIgnoreCase))
            {
                errors.Add(path, $"'{servers[index]}' is in the list already");
                return;
            }
        }

        if (!UpstreamAddress.TryParse(servers[index], out var address, out _) || address.IsSystem)
        {
            return;     // system:, or noted when it was read
        }

        if (address.Host is not null)
        {
            CheckResolvable(path, servers[index], group);
            return;
        }

        var scheme = address.Scheme == UpstreamAddress.Udp && !servers[index].Contains("://", StringComparison.Ordinal) ? "" : address.Scheme;
        var server = new EndpointText(scheme, address.Endpoint.ToAddress(), address.Endpoint.Port);
        if (_listening.FindReached(server, address.IsEncrypted) is { } own)
        {
            errors.Add(path, $"'{servers[index]}' is this proxy's own listener '{own}': queries would go round in a circle");
        }
    }

    // The proxy of a group resolves for it.
    private void CheckResolvable(string path, string server, UpstreamGroupOptions group)
    {
        if (group.Proxy is null && options.Bootstrap.Servers.Count == 0 && !errors.HasBelow(Path("Bootstrap")))
        {
            errors.Add(path, $"'{server}' is given by its name, and Bootstrap:Servers has no server that resolves it; or write its address, as in tls://9.9.9.9#dns.quad9.net");
        }
    }

    private void CheckZones()
    {
        foreach (var (name, zone) in options.Zones)
        {
            foreach (var (key, problem) in ZoneSettings.Problems(zone))
            {
                errors.Add(key.Length == 0 ? Path("Zones", name) : Path("Zones", name, key), problem);
            }
        }
    }

    private void CheckLists()
    {
        if (options.Lists.Count > ListLimits.MaxLists)
        {
            errors.Add(Path("Lists"), $"there are more than {ListLimits.MaxLists} lists");
        }

        foreach (var (name, list) in options.Lists)
        {
            if (list.Sources.Count == 0 && !errors.HasBelow(Path("Lists", name, "Sources")))
            {
                errors.Add(Path("Lists", name, "Sources"), "a source is missing; allowed: a file, or https://lists.example/ads.txt");
            }

            var named = list.Sources.Concat(list.Except).FirstOrDefault(ListSource.HasName);
            if (named is not null && options.Bootstrap.Servers.Count == 0 && !errors.HasBelow(Path("Bootstrap")))
            {
                errors.Add(Path("Lists", name, "Sources"), $"'{named}' has a host name, and Bootstrap:Servers has no server that resolves it");
            }

            if (list.Sources.Count + list.Except.Count > ListLimits.MaxSources)
            {
                errors.Add(Path("Lists", name), $"has more than {ListLimits.MaxSources} sources");
            }
        }
    }

    private void CheckQueryLog()
    {
        var log = options.Stats.QueryLog;
        if (log is { Sink: QueryLogOptions.File, Path: null })
        {
            errors.Add(Path("Stats", "QueryLog", "Path"), "the file is missing");
        }

        if (log.Sink != QueryLogOptions.Off && options.Stats.Privacy == PrivacyLevel.Counts)
        {
            errors.Add(Path("Stats", "QueryLog", "Sink"), "names are noted there, which Stats:Privacy 'counts' does not allow");
        }

        if (log.Sink == QueryLogOptions.Memory && log.MaxBytes > options.Limits.Memory / 4)
        {
            errors.Add(Path("Stats", "QueryLog", "MaxBytes"), "is more than a quarter of Limits:Memory");
        }
    }

    // Whoever reaches it could read who asked for what: not without a token.
    private void CheckStats()
    {
        for (var i = 0; i < options.Stats.Endpoints.Count && options.Stats.TokenFile is null; i++)
        {
            if (Uri.TryCreate(options.Stats.Endpoints[i], UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp
                && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && !IPAddress.IsLoopback(address))
            {
                errors.Add(Path("Stats", "Endpoints", Number(i)), $"'{options.Stats.Endpoints[i]}' is not a loopback address: others could read there; that needs Stats:TokenFile");
            }
        }
    }

    private void CheckTimes()
    {
        if (options.Cache.MinTtl > options.Cache.MaxTtl)
        {
            errors.Add(Path("Cache", "MinTtl"), "is above MaxTtl");
        }

        foreach (var (name, group) in options.Upstreams)
        {
            if (group.AttemptTimeout > group.Budget)
            {
                errors.Add(Path("Upstreams", name, "AttemptTimeout"), "is above Budget, the time for all attempts");
            }
        }
    }

    private void CheckMemory()
    {
        if (MemoryPlan.Of(options).Problem(options.Limits.Memory) is { } problem)
        {
            errors.Add(Path("Limits", "Memory"), problem);
        }
    }

    private void CheckClients()
    {
        foreach (var (name, set) in options.Clients)
        {
            if (ClientReference.TryParse(name, out var reference, out _) && reference.Name is null)
            {
                errors.Add(Path("Clients", name), "is the name of a set and reads like an address");
            }

            if (set.Addresses.Count == 0 && set.Macs.Count == 0 && !errors.HasBelow(Path("Clients", name)))
            {
                errors.Add(Path("Clients", name), "has neither Addresses nor Macs");
            }
        }
    }

    private void CheckSchedules()
    {
        if (options.Schedules.Count > ScheduleClock.MaxSchedules)
        {
            errors.Add(Path("Schedules"), $"there are more than {ScheduleClock.MaxSchedules}");
        }

        foreach (var (name, _) in options.Schedules.Where(static schedule => schedule.Value.From == schedule.Value.To))
        {
            errors.Add(Path("Schedules", name, "To"), "is the same as From: the schedule is empty");
        }
    }

    private void CheckRules(QueryActionCatalog actions)
    {
        var number = 0;
        var inputs = new PolicyInputs
        {
            Listeners = [.. options.Listeners.Keys],
            Groups = options.Upstreams.Keys.ToDictionary(static name => name, _ => new ForwardTarget(number++, 0), StringComparer.OrdinalIgnoreCase),
            Clients = options.Clients,
            Schedules = new ScheduleClock(options.Schedules, new MonotonicClock(TimeProvider.System)),
            Blocking = options.Blocking,
            Actions = actions,
            Lists = new NoLists(options.Lists.Keys),
            DefaultGroup = ProxyOptions.DefaultGroup,
            Path = options.Path,
        };
        PolicyCompiler.CompileFlowRules(options.FlowRules, inputs, errors);
        PolicyCompiler.CompileQueryRules(options.QueryRules, inputs, errors);
        PolicyCompiler.CompileAnswerRules(options.AnswerRules, inputs, errors);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private string Path(params ReadOnlySpan<string> keys)
    {
        var path = options.Path;
        foreach (var key in keys)
        {
            path = $"{path}:{key}";
        }

        return path;
    }
}
