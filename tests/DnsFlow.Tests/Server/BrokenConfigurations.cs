namespace DnsFlow.Tests.Server;

/// <summary>Configurations that are wrong, one for each way, and the place that must be named.</summary>
public static class BrokenConfigurations
{
    private const string Rest = """{ "Name": "rest", "Action": "forward", "To": "default" }""";

    /// <summary>What stands inside "DnsFlow": { }, and what a line of the errors has.</summary>
    public static TheoryData<string, string, string> All => new()
    {
        { "unknown key", """ "Cahce": {} """, "DnsFlow:Cahce  unknown key; did you mean 'Cache'?" },
        { "unknown key below", """ "Cache": { "MaxByte": 1 } """, "DnsFlow:Cache:MaxByte  unknown key; did you mean 'MaxBytes'?" },
        { "no number", """ "Shards": "many" """, "DnsFlow:Shards  'many' is not a whole number; allowed: 0 to 256" },
        { "out of range", """ "Limits": { "UdpIdle": "1000d" } """, "DnsFlow:Limits:UdpIdle  '1000d' is above" },
        { "object for a list", """ "QueryRules": { "rest": {} } """, "DnsFlow:QueryRules  a list is expected, not an object" },
        { "value for an object", """ "Cache": "64MB" """, "DnsFlow:Cache  an object is expected, not '64MB'" },
        { "list for an object", """ "Upstreams": [ "9.9.9.9" ] """, "DnsFlow:Upstreams  an object with named keys is expected, not a list" },
        { "unknown group", $$""" "Upstreams": { "corp": { "Servers": ["9.9.9.9"] } }, "QueryRules": [ { "When": { "Types": "A" }, "Action": "forward", "To": "crop" }, {{Rest}} ] """, "DnsFlow:QueryRules:0:To  'crop' is not an upstream group; did you mean 'corp'?" },
        { "unknown listener", $$""" "QueryRules": [ { "When": { "Listener": "locla" }, "Action": "drop" }, {{Rest}} ] """, "DnsFlow:QueryRules:0:When:Listener  'locla' is not a listener; did you mean 'local'?" },
        { "unknown schedule", $$""" "Schedules": { "night": { "From": "21:00", "To": "06:30" } }, "QueryRules": [ { "When": { "Schedules": ["nite"] }, "Action": "refuse" }, {{Rest}} ] """, "DnsFlow:QueryRules:0:When:Schedules  'nite' is not a schedule; did you mean 'night'?" },
        { "unknown action", """ "QueryRules": [ { "Name": "rest", "Action": "fordward" } ] """, "DnsFlow:QueryRules:0:Action  'fordward' is not an action; did you mean 'forward'?" },
        { "unknown strategy", """ "Upstreams": { "default": { "Servers": ["9.9.9.9"], "Strategy": "orderd" } } """, "DnsFlow:Upstreams:default:Strategy  'orderd' is not a strategy; did you mean 'ordered'?" },
        { "no action", """ "QueryRules": [ { "Name": "rest" } ] """, "DnsFlow:QueryRules:0:Action  an action is missing" },
        { "no verdict", """ "FlowRules": [ { "Name": "all" } ] """, "DnsFlow:FlowRules:0:Verdict  a verdict is missing" },
        { "name used twice", $$""" "QueryRules": [ { "Name": "rest", "When": { "Types": "A" }, "Action": "drop" }, {{Rest}} ] """, "DnsFlow:QueryRules:1:Name  'rest' is the name of rule 0 already" },
        { "never reached", $$""" "QueryRules": [ {{Rest}}, { "Name": "late", "When": { "Types": "A" }, "Action": "drop" } ] """, "DnsFlow:QueryRules:1  is never reached: rule 'rest' before it matches everything" },
        { "last rule has conditions", """ "QueryRules": [ { "Name": "some", "When": { "Types": "A" }, "Action": "drop" } ] """, "DnsFlow:QueryRules:0  the last rule must match everything" },
        { "loop", """ "Upstreams": { "default": { "Servers": ["127.0.0.1:5399"] } }, "Listeners": { "local": { "Endpoints": ["127.0.0.1:5399"] } } """, "DnsFlow:Upstreams:default:Servers:0  '127.0.0.1:5399' is this proxy's own listener 'local'" },
        { "no address", """ "Upstreams": { "default": { "Servers": ["9.9.9.999"] } } """, "DnsFlow:Upstreams:default:Servers:0  '9.9.9.999' is not" },
        { "address used twice", """ "Listeners": { "a": { "Endpoints": ["127.0.0.1:5399"] }, "b": { "Endpoints": ["udp://127.0.0.1:5399"] } } """, "DnsFlow:Listeners:b:Endpoints:0  the listener 'a' has this address already" },
        { "no pattern", $$""" "QueryRules": [ { "When": { "Domains": ["a..b"] }, "Action": "drop" }, {{Rest}} ] """, "DnsFlow:QueryRules:0:When:Domains" },
        { "no regular expression", $$""" "QueryRules": [ { "When": { "Domains": ["/a(/"] }, "Action": "drop" }, {{Rest}} ] """, "DnsFlow:QueryRules:0:When:Domains" },
        { "no name", """ "Upstreams": { "a b": { "Servers": ["9.9.9.9"] } } """, "DnsFlow:Upstreams:a b  'a b' is not a name" },
        { "no record", $$""" "QueryRules": [ { "When": { "Domains": ["=a.example"] }, "Action": "answer", "Records": ["A 1.2.3"] }, {{Rest}} ] """, "DnsFlow:QueryRules:0:Records" },
        { "times that do not fit", """ "Upstreams": { "default": { "Servers": ["9.9.9.9"], "Budget": "1s", "AttemptTimeout": "2s" } } """, "DnsFlow:Upstreams:default:AttemptTimeout  is above Budget" },
        { "certificate that is missing", """ "Listeners": { "s": { "Endpoints": ["tls://127.0.0.1:0"] } } """, "DnsFlow:Listeners:s:Certificate  a certificate is missing for tls://127.0.0.1:0" },
        { "further certificate that is missing", """ "Listeners": { "s": { "Endpoints": ["tls://127.0.0.1:0"], "SelfSigned": true, "MoreCertificates": [{ "Key": "a.key" }] } } """, "DnsFlow:Listeners:s:MoreCertificates:0  has no Certificate" },
        { "authorities that nobody asks", """ "Listeners": { "s": { "Endpoints": ["127.0.0.1:0"], "ClientAuthorities": "ca.pem" } } """, "DnsFlow:Listeners:s:ClientAuthorities  is for tls:// and https://" },
        { "file that is not there", """ "Zones": { "none": { "File": "none.zone" } } """, "none.zone" },
        { "zone that does not parse", """ "Zones": { "bad": { "File": "bad.zone", "Origin": "bad.example" } } """, "bad.zone:2:" },
        { "open to a network", """ "Stats": { "Endpoints": ["http://0.0.0.0:9953"] } """, "DnsFlow:Stats:Endpoints:0  'http://0.0.0.0:9953' is not a loopback address" },
    };

    /// <summary>Writes the files that some of them name.</summary>
    public static void WriteFiles(string folder) => File.WriteAllText(Path.Combine(folder, "bad.zone"), "@ 3600 IN SOA a b 1 1 1 1 1\n@ 3600 IN A 1.2.3\n");
}
