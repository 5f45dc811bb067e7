using System.CommandLine;

namespace DnsFlow.Service.Commands;

/// <summary>The flags that say how the proxy starts. Values are judged with the rest of the configuration, not here.</summary>
internal sealed class StartFlags
{
    private readonly Option<string[]> _listen = new("--listen", "-l")
    {
        HelpName = "ADDRESS",
        Description = "Listen there instead of where the configuration says, UDP and TCP: 127.0.0.1:53, [::1]:5353, udp://0.0.0.0:53, "
            + "tls://192.0.2.1, https://192.0.2.1/dns-query. May be repeated.",
    };

    private readonly Option<string[]> _upstream = new("--upstream", "-u")
    {
        HelpName = "UPSTREAM",
        Description = "Ask this server: 9.9.9.9, tcp://[2620:fe::fe]:53, system: (what the system uses). "
            + "'[/corp.example/lan/]10.20.0.53' asks it for these names and all below only. May be repeated.",
    };

    private readonly Option<string?> _cert = new("--cert") { HelpName = "FILE", Description = "The certificate for tls:// and https://, PEM or PKCS #12." };

    private readonly Option<string?> _key = new("--key") { HelpName = "FILE", Description = "Its private key in PEM, when that is in a file of its own." };

    private readonly Option<bool> _selfSigned = new("--self-signed") { Description = "Make a certificate when there is none, and say how to trust it." };

    private readonly Option<string?> _config = new("--config", "-c")
    {
        HelpName = "FILE",
        Description = "A configuration file over appsettings.json.",
        Recursive = true,
    };

    private readonly Option<string?> _cacheSize = new("--cache-size")
    {
        HelpName = "BYTES",
        Description = "The most the cache may hold: 64MB, 4194304; 0 = no cache.",
    };

    private readonly Option<string?> _stats = new("--stats")
    {
        HelpName = "URL",
        Description = "Where statistics are served: http://127.0.0.1:9953; off = nowhere.",
    };

    private readonly Option<string?> _shards = new("--shards") { HelpName = "N", Description = "Threads that answer datagrams; 0 = one per core." };

    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Say more.", Recursive = true };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Say only what is wrong.", Recursive = true };

    /// <summary>Adds the flags that every command has.</summary>
    public void AddCommonTo(Command root)
    {
        root.Options.Add(_config);
        root.Options.Add(_verbose);
        root.Options.Add(_quiet);
    }

    /// <summary>Adds the flags of a start.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_listen);
        command.Options.Add(_cert);
        command.Options.Add(_key);
        command.Options.Add(_selfSigned);
        command.Options.Add(_upstream);
        command.Options.Add(_cacheSize);
        command.Options.Add(_stats);
        command.Options.Add(_shards);
    }

    /// <summary>Reads what was given.</summary>
    public StartSettings Read(ParseResult parsed) => new()
    {
        Listen = parsed.GetValue(_listen) ?? [],
        Certificate = parsed.GetValue(_cert),
        Key = parsed.GetValue(_key),
        SelfSigned = parsed.GetValue(_selfSigned),
        Upstreams = parsed.GetValue(_upstream) ?? [],
        ConfigFile = parsed.GetValue(_config),
        CacheSize = parsed.GetValue(_cacheSize),
        Stats = parsed.GetValue(_stats),
        Shards = parsed.GetValue(_shards),
        Verbosity = parsed.GetValue(_quiet) ? Verbosity.Quiet : parsed.GetValue(_verbose) ? Verbosity.Verbose : Verbosity.Normal,
    };
}
