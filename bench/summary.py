"""Makes tables of medians from the samples of a run. Standard library only."""
import json
import platform
import subprocess
import sys
from collections import defaultdict
from datetime import datetime, timezone
from statistics import median

TITLES = {
    "cached": "Cached: 10,000 names, zipf",
    "cached100k": "Cached: 100,000 names, random order",
    "forwarded": "Forwarded: each name once",
    "mixed": "Mixed: 80 % cached, 20 % forwarded",
}
VERSIONS = {"dnsdist": ["dnsdist", "--version"], "unbound": ["unbound", "-V"], "dnsmasq": ["dnsmasq", "--version"],
            "kresd": ["kresd", "-V"], "smartdns": ["smartdns", "-v"], "dotnet": ["dotnet", "--version"]}


def version(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        return (done.stdout + done.stderr).strip().splitlines()[0][:60]
    except (OSError, IndexError, subprocess.TimeoutExpired):
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
            if entry["sample"].get("answered", 0) == 0:
                entry["sample"] = None
            elif entry["sample"].get("steal", 0) > 0.2 or entry["sample"].get("others", 0) > 0.15:
                disturbed += 1
                entry["sample"]["disturbed"] = True
            tables[entry["workload"]][entry["server"]].append(entry["sample"])
    return tables, disturbed


def middle(samples, key):
    """The median; of undisturbed samples, if there are any."""
    good = [s for s in samples if s] or []
    calm = [s for s in good if not s.get("disturbed")]
    return median(s[key] for s in (calm or good)) if good else None


def number(value, digits=2):
    return "-" if value is None else f"{value:,.{digits}f}"


def limit_of(workload, costs):
    """What the C program costs that does no DNS work: an echo for cached answers, a relay for forwarded ones, their mixture for mixed."""
    echo, relay = costs.get("echo"), costs.get("relay")
    if workload == "mixed":
        return 0.8 * echo + 0.2 * relay if echo and relay else None
    return relay or echo


def table(workload, servers, builds):
    costs = {server: middle(samples, "us") for server, samples in servers.items()}
    limit = limit_of(workload, costs)
    print(f"\n## {TITLES.get(workload, workload)}\n")
    columns = [build for build in builds if costs.get(build)]
    print("| server | us/query | user | sys | answers/s | answered % | p50 us | p99 us | peak MiB | core idle % | vs limit |"
          + "".join(f" {build} is |" for build in columns))
    print("|---|" + "---:|" * (10 + len(columns)))
    for server, samples in servers.items():
        if costs[server] is None:
            print(f"| {server} | no answers |")
            continue
        cells = [number(costs[server]), number(middle(samples, "user")), number(middle(samples, "sys")), number(middle(samples, "qps"), 0),
                 number(middle(samples, "percent")), number(middle(samples, "p50"), 0), number(middle(samples, "p99"), 0),
                 number(max(s["peak_kib"] for s in samples if s) / 1024, 0), number(100 * middle(samples, "idle"), 0),
                 number(costs[server] / limit) if limit else "-"]
        cells += ["-" if build == server or not costs[server] else f"{costs[build] / costs[server]:.2f}x" for build in columns]
        print(f"| {server} | " + " | ".join(cells) + " |")


def main():
    path, here, builds, took, seconds, rounds = sys.argv[1:7]
    tables, disturbed = read(path)
    commit = version(["git", "-C", here, "rev-parse", "--short", "HEAD"])
    print("# Results of the last run of `bench/run`\n")
    print(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, commit {commit}, {rounds} rounds of {seconds} s, {took} s in all; medians.")
    print(f"Machine: {machine()}. Absolute figures belong to it; read the ratios (README.md says how).")
    print(f"Samples in which another program or the hypervisor took the server's core: {disturbed} (left out of medians where others are there).\n")
    print("| program | version |\n|---|---|")
    for program, command in VERSIONS.items():
        print(f"| {program} | {version(command)} |")
    for workload, servers in tables.items():
        table(workload, servers, builds.split())


main()
