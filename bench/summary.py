"""Makes tables of medians from the samples of a run, and the small sums that run needs on its way. Standard library only."""
import json
import platform
import re
import subprocess
import sys
from collections import defaultdict
from datetime import datetime, timezone
from statistics import median

TITLES = {
    "cached": "Cached: 10,000 names, zipf",
    "cached100k": "Cached: 100,000 names, random order",
    "forwarded": "Forwarded: each name once",
    "dotforward": "Forwarded over TLS (`_tls`) and over UDP to the same server: each name once, 400 outstanding",
    "dotpaced10k": "The same, 10,000 single queries a second",
    "dotpaced30k": "The same, 30,000 single queries a second",
    "dotdead": "One of two TLS upstreams falls silent; 2,000 queries a second",
    "mixed": "Mixed: 80 % cached, 20 % forwarded",
    "rules": "Cached, with 1,000 rules and 1,000,000 names in them (`_rules`)",
    "rules1000": "Cached, with 1,000 rules (`_rules`); this build reads no lists",
    "tcp": "TCP: cached, 10 kept connections, 20 queries outstanding on each",
    "deadupstream": "One of two upstreams falls silent; 2,000 queries a second",
    "flows10": "Cached, from 10 client flows",
    "flows10000": "Cached, from 10,000 client flows",
    "fewflows": "Cached, from 10 client flows (to compare the next with)",
    "newflow": "Cached, each query from a new client flow",
    "paced50k-cached": "Paced: 50,000 single queries a second, cached",
    "paced50k-forwarded": "Paced: 50,000 single queries a second, forwarded",
    "paced10k-forwarded": "Paced: 10,000 single queries a second, forwarded",
    "portable-cached": "The portable sockets (`_portable`), cached",
    "portable-forwarded": "The portable sockets (`_portable`), forwarded",
    "dnsperf-cached": "dnsperf, 20 clients, 200 outstanding, cached",
    "dnsperf-forwarded": "dnsperf, 20 clients, 200 outstanding, forwarded",
    "dot": "DNS over TLS: cached, 20 kept connections, 20 queries outstanding on each, dnsperf",
    "doh": "DNS over HTTPS: the same, POST over HTTP/2",
    "handshakes": "TLS handshakes that resume a session, one after the other (answers are handshakes)",
    "shards1": "Cached, 1 shard on 1 core",
    "shards2": "Cached, 2 shards on 2 cores (one of them shared with the load)",
    "startup-forwarded": "Start to the first forwarded answer",
    "startup-local": "Start to the first local answer (localhost)",
    "idle": "Idle (`_http`: with the HTTP endpoint)",
    "tcpidle": "Idle TCP connections",
    "small": "50 MiB memory cgroup, flood of new names from new flows",
    "correctness zipf": "Correctness: cached names, faulty upstream",
    "correctness mixed": "Correctness: mixed, faulty upstream",
    "correctness unique": "Correctness: forwarded, faulty upstream",
}
PEERS = ["dnsdist", "dnsdist_mm", "unbound", "dnsmasq", "kresd", "smartdns"]
VERSIONS = {"dnsdist": ["dnsdist", "--version"], "unbound": ["unbound", "-V"], "dnsmasq": ["dnsmasq", "--version"],
            "kresd": ["kresd", "-V"], "smartdns": ["smartdns", "-v"], "dnsperf": ["dnsperf", "-h"], "dotnet": ["dotnet", "--version"]}
CORRECTNESS = ["answered", "wrong", "unanswered", "failed", "retried", "unmatched", "qps", "us"]


def version(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        lines = (done.stdout + done.stderr).strip().splitlines()
        return next((line for line in lines if re.search(r"\d+\.\d+|\d+\+|^[0-9a-f]{7,}$", line)), "?")[:60]
    except (OSError, subprocess.TimeoutExpired):
        return "not there"


def machine():
    model, cores = "", 0
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                model, cores = line.split(":", 1)[1].strip(), cores + 1
    return f"{model}, {cores} cores, Linux {platform.release().split('-')[0]}, loopback"


def read(path):
    tables, disturbed = defaultdict(lambda: defaultdict(list)), 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            sample = entry["sample"]
            if sample.get("answered") == 0 or not sample:
                sample = None
            elif sample.get("steal", 0) > 0.2 or (sample.get("others", 0) > 0.15 and entry["workload"] != "shards2"):
                disturbed += 1
                sample["disturbed"] = True
            tables[entry["workload"]][entry["server"]].append(sample)
    return tables, disturbed


def middle(samples, key):
    """The median; of undisturbed samples, if there are any."""
    good = [s for s in samples or [] if s and key in s]
    calm = [s for s in good if not s.get("disturbed")]
    return median(s[key] for s in (calm or good)) if good else None


def number(value, digits=2):
    return "-" if value is None else f"{value:,.{digits}f}"


def heading(workload, *columns):
    print(f"\n## {TITLES.get(workload, workload)}\n")
    print("| server | " + " | ".join(columns) + " |\n|---|" + "---:|" * len(columns))


def row(server, *cells):
    print(f"| {server} | " + " | ".join(cells) + " |")


def limit_of(workload, costs):
    """What the C program costs that does no DNS work: an echo for cached answers, a relay for forwarded ones, their mixture for mixed."""
    echo, relay = costs.get("echo"), costs.get("relay")
    if workload in ("dot", "doh", "handshakes"):
        return min((costs[limit] for limit in ("ssl", "ssl_inline", "kestrel", "kestrel_inline") if costs.get(limit)), default=None)
    if workload == "mixed":
        return 0.8 * echo + 0.2 * relay if echo and relay else None
    return relay or echo


def cost_table(workload, servers, builds):
    costs = {server: middle(samples, "us") for server, samples in servers.items()}
    limit = limit_of(workload, costs)
    columns = [build for build in builds if costs.get(build)]
    heading(workload, "us/query", "user", "sys", "answers/s", "answered %", "p50 us", "p99 us", "peak MiB", "core idle %", "vs limit",
            *[f"{build} is" for build in columns])
    for server, samples in servers.items():
        if costs[server] is None:
            row(server, "no answers", *[""] * (9 + len(columns)))
            continue
        idle = middle(samples, "idle")
        cells = [number(costs[server]), number(middle(samples, "user")), number(middle(samples, "sys")), number(middle(samples, "qps"), 0),
                 number(middle(samples, "percent")), number(middle(samples, "p50"), 0), number(middle(samples, "p99"), 0),
                 number(max(s["peak_kib"] for s in samples if s) / 1024, 0), number(None if idle is None else 100 * idle, 0),
                 number(costs[server] / limit if limit else None)]
        cells += ["-" if build == server or not costs[server] else f"{costs[build] / costs[server]:.2f}x" for build in columns]
        row(server, *cells)


def startup_table(workload, servers):
    heading(workload, "median ms", "best ms", "starts")
    for server, samples in servers.items():
        times = [s["ms"] for s in samples if s and s["ms"] > 0]
        row(server, number(median(times), 0) if times else "-", number(min(times), 0) if times else "-", f"{len(times)} of {len(samples)}")


def idle_table(workload, servers):
    heading(workload, "wake-ups/s", "CPU ms/s", "RSS MiB")
    for server, samples in servers.items():
        s = samples[0]
        row(server, number(s["wakeups"], 1), number(s["cpu_ms"], 2), number(s["rss_kib"] / 1024, 1))


def connections_table(workload, servers):
    heading(workload, "opened", "answered", "closed by it", "bytes each, open", "bytes each, asked once", "RSS MiB")
    for server, samples in servers.items():
        s = samples[0] or {}
        row(server, *[number(s.get(key), 0) for key in ("opened", "answered", "closed", "bytes_open", "bytes_asked")],
            number(s["rss_kib"] / 1024, 0) if s else "-")


def small_table(workload, servers):
    heading(workload, "alive", "killed by the kernel", "answered % after", "peak MiB")
    for server, samples in servers.items():
        s = samples[0]
        after = s.get("after") or {}
        row(server, "yes" if s["alive"] else "no", "no cgroup" if s.get("kills") is None else str(s["kills"]), number(after.get("percent")), number(after.get("peak_kib", 0) / 1024, 0))


def correctness_table(workload, servers):
    heading(workload, "answers compared", "wrong", "never answered", "SERVFAIL on the way", "asked again", "answers to nothing", "answers/s", "us/query")
    for server, samples in servers.items():
        s = samples[0] or {}
        row(server, *[number(s.get(key), 2 if key == "us" else 0) for key in CORRECTNESS])


def silence_table(workload, servers, both_alive):
    heading(workload, "answered %", "p50 us", "p99 us, before", "p99 us, first second", "p99 us, later", "p99 us, later, both alive", "later to both alive", "us/query", "answers/s")
    for server, samples in servers.items():
        alive = both_alive.get(server)
        row(server, *[number(middle(samples, key), digits) for key, digits in
                      (("percent", 2), ("p50", 0), ("p99_before", 0), ("p99_second", 0), ("p99_later", 0))],
            number(middle(alive, "p99_later"), 0), number(later_to_alive(samples, alive)), number(middle(samples, "us")), number(middle(samples, "qps"), 0))


def later_to_alive(samples, alive):
    """What the silence of one upstream costs after the first second: p99 to that of both alive, at the same time of the run."""
    silent, both = middle(samples, "p99_later"), middle(alive, "p99_later")
    return silent / both if silent and both else None


def best_peer(costs):
    return min((costs[peer] for peer in PEERS if costs.get(peer)), default=None)


def goals(tables, build):
    """(what, figure, bound) for each figure that was asked for and can be made from this run."""
    us = {workload: {server: middle(samples, "us") for server, samples in servers.items()} for workload, servers in tables.items()}

    def ratio(above, below):
        return above / below if above and below else None

    def mine(workload):
        return us.get(workload, {}).get(build)

    def peer(workload):
        return best_peer(us.get(workload, {}))

    def limit(workload):
        return limit_of(workload, us.get(workload, {}))

    yield "cached, to the C echo", ratio(mine("cached"), limit("cached")), 1.20
    yield "cached, to the best peer", ratio(mine("cached"), peer("cached")), 0.85
    yield "cached100k, to the C echo", ratio(mine("cached100k"), limit("cached100k")), 1.20
    dnsdist = us.get("cached100k", {})
    yield "cached100k, to the better dnsdist", ratio(mine("cached100k"), best_peer({k: v for k, v in dnsdist.items() if k.startswith("dnsdist")})), 0.70
    yield "forwarded, to the C relay", ratio(mine("forwarded"), limit("forwarded")), 1.20
    yield "forwarded, to the best peer", ratio(mine("forwarded"), peer("forwarded")), 1.00
    yield "mixed, to 0.8 echo + 0.2 relay", ratio(mine("mixed"), limit("mixed")), 1.20
    yield "mixed, to the best peer", ratio(mine("mixed"), peer("mixed")), 1.00
    for workload in ("paced50k-cached", "paced50k-forwarded", "paced10k-forwarded", "dnsperf-cached", "dnsperf-forwarded"):
        yield f"{workload}, to the best peer", ratio(mine(workload), peer(workload)), 1.00
    yield "1,000 rules and 1 M names, to without", ratio(us.get("rules", {}).get(f"{build}_rules"), mine("rules")), 1.15
    yield "1,000 rules (no list), to without", ratio(us.get("rules1000", {}).get(f"{build}_rules"), mine("rules1000")), 1.15
    yield "TCP pipelined, to dnsdist", ratio(mine("tcp"), best_peer({k: v for k, v in us.get("tcp", {}).items() if k.startswith("dnsdist")})), 0.80
    yield "10,000 flows, to 10", ratio(mine("flows10000"), mine("flows10")), 1.20
    echo = ratio(us.get("flows10000", {}).get("echo"), us.get("flows10", {}).get("echo"))
    yield "the same, to what the C echo rises by", ratio(ratio(mine("flows10000"), mine("flows10")), echo), 1.20
    yield "a new flow per query, to 10 flows", ratio(mine("newflow"), mine("fewflows")), 1.30
    yield "DoT, to the bare SslStream echo", ratio(mine("dot"), limit("dot")), 1.40
    yield "DoT, to knot-resolver", ratio(mine("dot"), us.get("dot", {}).get("kresd")), 0.75
    yield "DoH, to the bare Kestrel echo", ratio(mine("doh"), limit("doh")), 1.25
    resumed = tables.get("handshakes", {})
    yield "handshakes/s with resumption, dnsdist's to ours", ratio(middle(resumed.get("dnsdist"), "qps"), middle(resumed.get(build), "qps")), 1.30
    yield "DoT upstream, to UDP forwarding", ratio(us.get("dotforward", {}).get(f"{build}_tls"), mine("dotforward")), 1.50
    for workload, what in (("deadupstream", "upstreams"), ("dotdead", "TLS upstreams")):
        yield f"one of two {what} silent: p99 after the first second, to both alive", later_to_alive(tables.get(workload, {}).get(build), tables.get(f"{workload}-alive", {}).get(build)), 1.10
    for kind, single in (("cached", "single"), ("forwarded", "single_relay")):
        servers = tables.get(f"portable-{kind}", {})
        portable, least = middle(servers.get(f"{build}_portable"), "us"), middle(servers.get(single), "us")
        yield f"portable sockets, {kind}, to the Linux ones", ratio(portable, middle(servers.get(build), "us")), 1.30
        # One call a datagram in C, and the work that both kinds of sockets do besides.
        yield f"portable sockets, {kind}, to one call a datagram", ratio(portable, least + middle(servers.get(build), "user") if least else None), 1.15
    one, two = mine("shards1"), mine("shards2")
    yield "1 / gain of a second shard (by CPU per query)", ratio(two, 2 * one if one else None), 1 / 1.7
    start, local = (middle(tables.get(f"startup-{what}", {}).get(build), "ms") for what in ("forwarded", "local"))
    other = middle(tables.get("startup-forwarded", {}).get("dnsdist"), "ms")
    yield "start to first forwarded answer, ms (or 1.3x dnsdist)", start, max(150, 1.3 * (other or 0))
    yield "start to first local answer, ms (or 1.3x dnsdist)", local, max(100, 1.3 * (other or 0))
    idle = tables.get("idle", {}).get(f"{build}_http")
    yield "idle RSS with HTTP endpoint, MiB", idle[0]["rss_kib"] / 1024 if idle else None, 60
    yield "wake-ups per second when idle", middle(tables.get("idle", {}).get(build), "wakeups"), 0.5
    yield "bytes per idle TCP connection", middle(tables.get("tcpidle", {}).get(build), "bytes_open"), 2048
    small = [s["after"].get("peak_kib") for s in tables.get("small", {}).get(build, []) if s and s.get("after")]
    yield "peak of the profile small under a flood, MiB", small[0] / 1024 if small and small[0] else None, 50
    wrong = [middle(tables.get(f"correctness {kind}", {}).get(build), "wrong") for kind in ("zipf", "mixed", "unique")]
    yield "wrong answers", sum(wrong) if None not in wrong else None, 0


def goal_table(tables, build):
    lines = [goal for goal in goals(tables, build) if goal[1] is not None]
    if not lines:
        return
    print(f"\n## Goals: {build}\n\n| figure | measured | at most | |\n|---|---:|---:|---|")
    for what, figure, bound in lines:
        print(f"| {what} | {figure:,.2f} | {bound:,.2f} | {'reached' if figure <= bound else '**missed**'} |")


TABLES = {"startup-forwarded": startup_table, "startup-local": startup_table, "idle": idle_table, "tcpidle": connections_table, "small": small_table}
SILENCES = ("deadupstream", "dotdead")


def summarise(path, here, builds, took, seconds, rounds):
    tables, disturbed = read(path)
    print("# Results of the last run of `bench/run`\n")
    print(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, commit {version(['git', '-C', here, 'rev-parse', '--short', 'HEAD'])}, "
          f"{rounds} rounds of {seconds} s, {took} s in all; medians.")
    print(f"Machine: {machine()}. Absolute figures belong to it; read the ratios ([README.md](README.md) says how).")
    print(f"Samples in which another program or the hypervisor took the server's core: {disturbed} (left out of medians where others are there).\n")
    print("| program | version |\n|---|---|")
    for program, command in VERSIONS.items():
        print(f"| {program} | {version(command)} |")
    for build in builds.split():
        goal_table(tables, build)
    for workload, servers in tables.items():
        if workload.startswith("correctness"):
            correctness_table(workload, servers)
        elif workload in SILENCES:
            silence_table(workload, servers, tables.get(f"{workload}-alive", {}))
        elif workload.removesuffix("-alive") in SILENCES:
            continue        # stands beside the silent one
        elif workload in TABLES:
            TABLES[workload](workload, servers)
        else:
            cost_table(workload, servers, builds.split())


def used_by_threads(before, after):
    """CPU seconds and context switches of all threads in between; what a thread did that ended meanwhile is not known."""
    nothing = [0, 0]
    return [sum(now[i] - before["threads"].get(thread, nothing)[i] for thread, now in after["threads"].items()) for i in (0, 1)]


def from_dnsperf(before, after, said):
    """One sample out of what dnsperf printed and what the server used meanwhile."""
    sent, answered = (int(re.search(rf"Queries {what}:\s+(\d+)", said).group(1)) for what in ("sent", "completed"))
    return used_for(answered, before, after) | {"percent": 100 * answered / sent, "qps": float(re.search(r"per second:\s+([\d.]+)", said).group(1))}


def from_handshakes(before, after, said, nanoseconds):
    """One sample out of what openssl s_time printed, how long it took, and what the server used meanwhile."""
    done = int(re.search(r"(\d+) connections in", said).group(1))
    return used_for(done, before, after) | {"percent": 100, "qps": done / int(nanoseconds) * 1e9}


def used_for(answered, before, after):
    a, b = json.loads(before), json.loads(after)
    count = max(answered, 1)
    return {"answered": answered, "us": used_by_threads(a, b)[0] / count * 1e6, "user": (b["user"] - a["user"]) / count * 1e6,
            "sys": (b["sys"] - a["sys"]) / count * 1e6, "peak_kib": b["peak_kib"]}


def from_idle(before, after, lasts):
    a, b, lasts = json.loads(before), json.loads(after), float(lasts)
    used, switches = used_by_threads(a, b)
    return {"wakeups": switches / lasts, "cpu_ms": used / lasts * 1000, "rss_kib": b["rss_kib"]}


def self_test(line, asked, one_in):
    """Fails unless the checker found as many wrong answers as were made, of every kind; none when none were."""
    seen, one_in = json.loads(line), int(one_in)
    kinds = seen["wrong_kinds"]
    found = seen["wrong"] + seen["unmatched"]
    if one_in == 0:
        good = found == 0 and seen["unanswered"] == 0
    elif one_in == 1000:
        expected = int(asked) / one_in
        good = 0.9 * expected <= found <= 1.1 * expected and seen["unmatched"] > 0
        good = good and all(kinds[kind] > 0 for kind in ("question", "rcode", "flags", "count", "data", "ttl"))
    else:
        good = found > 0
    print("self-test: " + ("as it must be" if good else "FAILED: the checker did not see what it had to see"))
    return 0 if good else 1


def main(arguments):
    if arguments[0] == "--dnsperf":
        print(json.dumps(from_dnsperf(*arguments[1:])))
    elif arguments[0] == "--handshakes":
        print(json.dumps(from_handshakes(*arguments[1:])))
    elif arguments[0] == "--idle":
        print(json.dumps(from_idle(*arguments[1:])))
    elif arguments[0] == "--self-test":
        return self_test(*arguments[1:])
    else:
        summarise(*arguments)
    return 0


sys.exit(main(sys.argv[1:]))
