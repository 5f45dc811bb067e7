# The workloads, and what they share. Sourced by run.

free_port() {
    local port hex
    while :; do
        port=$((10000 + RANDOM % 20000))
        hex=$(printf ':%04X ' "$port")
        grep -qs "$hex" /proc/net/udp /proc/net/udp6 /proc/net/tcp /proc/net/tcp6 || break
    done
    echo "$port"
}

declare -A pid_of port_of       # of what runs
seed=0

start_responder() {             # name, options: the upstream, on the generator's core
    local name=$1 port
    shift
    port=$(free_port)
    taskset -c 1 "$tools/responder" "$@" "127.0.0.1:$port" >"$data/$name.log" 2>&1 &
    pid_of[$name]=$! port_of[$name]=$port
    running+=("$!")
    [ "$name" != upstream ] || UPSTREAMS=$port
}

load() { taskset -c 1 "$tools/load" "$@"; }

start_server() {                # name: starts it and waits for its first answer
    local server=$1 port dir
    port=$(free_port)
    dir=$(mktemp -d "$data/$server.XXXX")
    "start_$server" "$port" "$dir"
    pid_of[$server]=$! port_of[$server]=$port
    running+=("$!")
    for _ in $(seq 100); do
        if ! kill -0 "${pid_of[$server]}" 2>/dev/null; then break; fi
        if load -N once:1 -n 1 -m 1 -o 100 "127.0.0.1:$port" 2>/dev/null | grep -q '"answered":1'; then return 0; fi
    done
    say "bench/run: $server does not answer:"
    tail -5 "$dir/log" >&2
    return 1
}

stop_server() {
    stop "${pid_of[$1]}"
    local pid left=()
    for pid in "${running[@]}"; do [ "$pid" = "${pid_of[$1]}" ] || left+=("$pid"); done
    running=("${left[@]}")
}

sample() {                      # workload, server, round, options of load: one line in the samples
    local workload=$1 server=$2 round=$3 line
    shift 3
    seed=$((seed + 1))
    line=$(load -S "$seed" -p "${pid_of[$server]}" "$@" "127.0.0.1:${port_of[$server]}") || line="{}"
    echo "{\"workload\":\"$workload\",\"server\":\"$server\",\"round\":$round,\"sample\":$line}" >>"$samples"
}

# Starts the chosen servers among those given, fills their caches when told to, and measures them in turn.
measure() {                     # workload, servers, names to fill with (0 = none), options of load
    local workload=$1 candidates=$2 fill=$3 server round started=()
    shift 3
    for server in $servers; do
        case " $candidates " in *" $server "*) ;; *) continue ;; esac
        start_server "$server" || continue
        started+=("$server")
        [ "$fill" = 0 ] || load -N "once:$fill" -n 128 -m 4 -o 500 -a 5 "127.0.0.1:${port_of[$server]}" >/dev/null
    done
    say "$workload: ${started[*]}"
    for round in $(seq "$rounds"); do
        for server in "${started[@]}"; do sample "$workload" "$server" "$round" -t "$seconds" "$@"; done
    done
    for server in "${started[@]}"; do stop_server "$server"; done
}

peers="${names[*]:-dnsflow} dnsdist dnsdist_mm unbound dnsmasq kresd smartdns"

workload_cached() { CACHE=150000 measure cached "echo $peers" 10000 -N zipf:10000; }
workload_cached100k() { CACHE=150000 measure cached100k "echo ${names[*]} dnsdist dnsdist_mm unbound" 100000 -N random:100000; }
workload_forwarded() { CACHE=0 EXTRA=DNSFLOW__CACHE__MAXBYTES=64MB measure forwarded "relay $peers" 0 -N unique -o 1000; }
workload_mixed() { CACHE=150000 measure mixed "echo relay $peers" 10000 -N mixed:10000:80 -o 1000; }
