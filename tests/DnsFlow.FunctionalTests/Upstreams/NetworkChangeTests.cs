using DnsFlow.FunctionalTests.Program;
using DnsFlow.FunctionalTests.Tools;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>
/// The program in a network namespace of its own, with an interface that goes and comes back: servers bound to it and servers on its link-local addresses are asked again
/// without a restart.
/// </summary>
public sealed class NetworkChangeTests
{
    private const string Script = """
        set -e
        ip link set lo up
        unshare -n sleep 120 & peer=$!
        until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
        link() {
            ip link add up0 type veth peer name up1
            ip link set up1 netns $peer
            nsenter -t $peer -n sh -c 'ip link set lo up; ip addr add 10.9.9.2/24 dev up1; ip -6 addr add fe80::2/64 dev up1 nodad; ip link set up1 up'
            ip addr add 10.9.9.1/24 dev up0
            ip -6 addr add fe80::1/64 dev up0 nodad
            ip link set up0 up
        }
        ask() {     # name, seconds
            end=$((SECONDS + $2))
            while [ $SECONDS -le $end ]; do
                number=$((number + 1))
                if dig +tries=1 +time=1 +noall +answer @127.0.0.1 -p 5300 "n$number.$1" | grep -q 192.0.2.5; then return 0; fi
            done
            echo "no answer for $1"; cat "$folder/log"; return 1
        }
        link
        nsenter -t $peer -n unbound -d -c "$folder/unbound.conf" >/dev/null 2>&1 & unbound=$!
        $program run -c "$folder/dnsflow.json" >"$folder/log" 2>&1 & proxy=$!
        trap 'kill $proxy $unbound $peer' EXIT
        ask bound.example 30; ask local.example 5
        echo "both answer"
        ip link del up0
        dig +tries=1 +time=5 @127.0.0.1 -p 5300 gone.bound.example | grep -q SERVFAIL
        dig +tries=1 +time=5 @127.0.0.1 -p 5300 gone.local.example | grep -q SERVFAIL
        echo "both are gone"
        link
        ask bound.example 4; ask local.example 1
        echo "both are back"
        grep -q "The network changed" "$folder/log" && echo "it was noticed"
        """;

    [ToolFact("unshare", "nsenter", "ip", "unbound", "dig", "bash")]
    public async Task Interface_GoesAndComesBack_ServersBehindItAreAskedAgain()
    {
        var folder = Directory.CreateTempSubdirectory("dnsflow-network").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "unbound.conf"), """
                server:
                    interface: 0.0.0.0@53
                    interface: ::0@53
                    interface-automatic: yes
                    access-control: 0.0.0.0/0 allow
                    access-control: ::0/0 allow
                    do-daemonize: no
                    username: ""
                    chroot: ""
                    pidfile: ""
                    use-syslog: no
                    module-config: "iterator"
                    local-zone: "example." redirect
                    local-data: "example. A 192.0.2.5"
                remote-control:
                    control-enable: no
                """);
            await File.WriteAllTextAsync(Path.Combine(folder, "dnsflow.json"), """
                { "DnsFlow": {
                    "Listeners": { "local": { "Endpoints": ["127.0.0.1:5300"] } }, "Stats": { "Endpoints": [] },
                    "Upstreams": {
                        "bound": { "Servers": ["10.9.9.2"], "Interface": "up0", "Budget": "1s", "AttemptTimeout": "500ms" },
                        "local": { "Servers": ["[fe80::2%up0]:53"], "Budget": "1s", "AttemptTimeout": "500ms" } },
                    "QueryRules": [
                        { "Name": "bound", "When": { "Domains": ["bound.example"] }, "Action": "forward", "To": "bound" },
                        { "Name": "rest", "Action": "forward", "To": "local" } ] } }
                """);
            var (code, output) = await ToolProcess.RunAsync(
                "env", $"folder={folder}", $"program={Environment.ProcessPath} {RunningProgram.Program}", "unshare", "--map-root-user", "--net", "bash", "-c", Script);
            Assert.True(code == 0, output);
            Assert.Equal(["both answer", "both are gone", "both are back", "it was noticed"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
